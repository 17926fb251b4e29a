/** Every type of `t`: what goes in comes out, what does not fit is named, and bytes are never trusted. */
import { RoomError, t, WireError, type Wire } from "coterie";
import { array, assert, constant, float, double, integer, oneof, property, string, tuple, type Arbitrary } from "fast-check";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { describe, expect, test } from "vitest";
import { foreign } from "../../shared/schema/foreign.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { Draw, many, SEED } from "../kit/random.ts";

const bytesOf = <T>(type: Wire<T>, value: T): Uint8Array => encode((to) => type.write(to, value));
const read = <T>(type: Wire<T>, bytes: Uint8Array): T => type.read(decoding.createDecoder(bytes));

/** What `check` throws. */
function mismatchOf(type: Wire<unknown>, value: unknown): unknown {
  try {
    return { accepted: type.check(value) };
  } catch (error) {
    if (error instanceof WireError) return error.mismatch;
    throw error;
  }
}

/** Values that no number, text or boolean type takes, and how an error names them. */
const STRANGE: readonly (readonly [unknown, string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  [{}, "a value of type object"],
  [[1], "an array"],
  [() => 1, "a value of type function"],
  [1n, "1"],
  [Symbol("s"), "a value of type symbol"],
];

interface Case {
  readonly type: Wire<unknown>;
  readonly values: Arbitrary<unknown>;
  /** Besides the strange ones. */
  readonly bad: readonly (readonly [unknown, string])[];
  readonly expected: string;
  /** Bytes that `read` must refuse, besides truncations. */
  readonly lies?: readonly (readonly number[])[];
}

const int = (min: number, max: number): Arbitrary<number> =>
  oneof(integer({ min, max }), constant(min), constant(max), constant(0));
const badInts = (min: number, max: number): Case["bad"] => [
  [min - 1, String(min - 1)],
  [max + 1, String(max + 1)],
  [0.5, "0.5"],
  [Number.NaN, "NaN"],
  [Infinity, "Infinity"],
  ["1", '"1"'],
  [true, "true"],
];
const whole = (type: Wire<number>, min: number, max: number, lies: Case["lies"] = []): Case => ({
  type,
  values: int(min, max),
  bad: badInts(min, max),
  expected: `an integer from ${min} to ${max}`,
  lies,
});
const huge = Array.from({ length: 200 }, () => 0x80);

const CASES: Record<string, Case> = {
  u8: whole(t.u8(), 0, 0xff),
  u16: whole(t.u16(), 0, 0xffff),
  u32: whole(t.u32(), 0, 0xffffffff, [
    [0x80, 0x80, 0x80, 0x80, 0x10], // 2³²
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [...huge, 0], // so many zeros that the place value overflows
  ]),
  i8: whole(t.i8(), -0x80, 0x7f),
  i16: whole(t.i16(), -0x8000, 0x7fff),
  i32: whole(t.i32(), -0x80000000, 0x7fffffff, [
    [0x80, 0x80, 0x80, 0x80, 0x10], // 2³¹
    [0xc1, 0x80, 0x80, 0x80, 0x10], // −2³¹ − 1
    [...huge, 0],
  ]),
  f32: {
    type: t.f32(),
    values: float({ noNaN: true, noDefaultInfinity: true }),
    bad: [
      [Number.NaN, "NaN"],
      [-Infinity, "-Infinity"],
      [1e39, "1e+39"],
      ["0", '"0"'],
    ],
    expected: "a finite number that fits f32",
    lies: [
      [0x7f, 0xc0, 0, 0],
      [0xff, 0x80, 0, 0],
    ],
  },
  f64: {
    type: t.f64(),
    values: double({ noNaN: true, noDefaultInfinity: true }),
    bad: [
      [Number.NaN, "NaN"],
      [Infinity, "Infinity"],
    ],
    expected: "a finite number that fits f64",
    lies: [[0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
  },
  id: whole(t.id(), 0, 1_048_575, [[0x80, 0x80, 0x40]]),
  "fixed of 10 bits": {
    type: t.fixed(-1, 1, 10),
    values: double({ min: -1, max: 1, noNaN: true }),
    bad: [
      [1.001, "1.001"],
      [Number.NaN, "NaN"],
      [-Infinity, "-Infinity"],
      ["0", '"0"'],
    ],
    expected: "a number from -1 to 1",
    lies: [[0x00, 0x04]], // step 1024 of 1023
  },
  "fixed of 32 bits": {
    type: t.fixed(0, 1000, 32),
    values: double({ min: 0, max: 1000, noNaN: true }),
    bad: [[-1e-9, "-1e-9"]],
    expected: "a number from 0 to 1000",
  },
  enum: {
    type: t.enum("red", "green", "toString"),
    values: oneof(constant("red"), constant("green"), constant("toString")),
    bad: [
      ["Red", '"Red"'],
      ["valueOf", '"valueOf"'],
      [0, "0"],
    ],
    expected: 'one of "red", "green", "toString"',
    lies: [[3], [255]],
  },
  bool: {
    type: t.bool(),
    values: oneof(constant(true), constant(false)),
    bad: [
      [0, "0"],
      ["true", '"true"'],
    ],
    expected: "true or false",
    lies: [[2], [255]],
  },
  str: {
    type: t.str(12),
    values: string({ maxLength: 12, unit: "binary" }).filter((text) => text.length <= 12),
    bad: [
      ["thirteen char", '"thirteen char"'],
      ["x".repeat(99), "a string of 99 characters"],
      ["\ud800", '"\\ud800"'],
      [7, "7"],
    ],
    expected: "well-formed text of at most 12 characters",
    lies: [
      [1, 0xff], // not UTF-8
      [2, 0xc0, 0x80], // an overlong NUL
      [3, 0xed, 0xa0, 0x80], // a surrogate
      [13, ...Buffer.from("thirteen char")],
      [0xff, 0xff, 0xff, 0xff, 0x0f, 65], // 4 GB of text
    ],
  },
};

const every = Object.entries(CASES);

describe("one value", () => {
  test.each(every)("%s: what is written is read, and both sides hold the same", (_name, { type, values }) => {
    assert(
      property(values, (value) => {
        const checked = type.check(value);
        const bytes = bytesOf(type, checked);
        const from = decoding.createDecoder(bytes);
        expect(Object.is(type.read(from), checked)).toBe(true);
        expect(decoding.hasContent(from)).toBe(false);
        expect(bytesOf(type, type.check(checked))).toEqual(bytes);
      }),
      many(300),
    );
  });

  test.each(every)("%s: an error says where, what came and what was expected", (_name, { type, bad, expected }) => {
    for (const [value, received] of [...bad, ...STRANGE])
      expect(mismatchOf(type, value)).toEqual({ path: [], received, expected });
    expect(() => type.check(undefined, ["a", "b"])).toThrow(`a.b: received undefined, expected ${expected}`);
  });

  test.each(every)("%s: its Standard Schema side says the same", async (_name, { type, bad, expected }) => {
    const { validate, version, vendor } = type["~standard"];
    expect([version, vendor]).toEqual([1, "coterie"]);
    expect(await validate(type.zero)).toEqual({ value: type.zero });
    for (const [value, received] of bad)
      expect(await validate(value)).toEqual({
        issues: [{ message: `value: received ${received}, expected ${expected}`, path: [] }],
      });
  });

  test("what does not fit is a RoomError like any other, and names what came and what would have fitted", () => {
    const wrong = (): unknown => t.struct({ hand: t.u8() }).check({ hand: 300 }, ["presence"]);
    expect(wrong).toThrow(RoomError);
    expect(wrong).toThrow(
      expect.objectContaining({
        code: "bad-input",
        retryable: false,
        message: "bad-input: presence.hand: received 300, expected an integer from 0 to 255",
        received: "300",
        expected: "an integer from 0 to 255",
      }),
    );
  });

  test.each(every)("%s: bytes cut short, or that no writer makes, are refused", (_name, { type, values, lies }) => {
    for (const bytes of lies ?? []) expect(() => read(type, Uint8Array.from(bytes)), String(bytes)).toThrow();
    assert(
      property(values, (value) => {
        const bytes = bytesOf(type, type.check(value));
        for (let length = 0; length < bytes.length; length++) {
          expect(() => read(type, bytes.slice(0, length))).toThrow();
          expect(() => read(type, bytes.subarray(0, length))).toThrow(); // what lies behind a view is not its own
        }
      }),
      many(100),
    );
  });

  test("−0 and 0 are one value, since they have the same bytes", () => {
    for (const type of [t.i8(), t.i32(), t.f32(), t.f64()]) expect(Object.is(type.check(-0), 0)).toBe(true);
    expect(Object.is(read(t.i32(), Uint8Array.of(0x40)), 0)).toBe(true);
  });

  test("f32 is rounded on the way in, so that a prediction holds what the room will", () => {
    expect(t.f32().check(0.1)).toBe(Math.fround(0.1));
  });

  test("small integers have a fixed width", () => {
    const widths = [t.u8(), t.i8(), t.u16(), t.i16()].map((type) => [0, 1, 100].map((n) => bytesOf(type, n).length));
    expect(widths).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [2, 2, 2],
      [2, 2, 2],
    ]);
  });
});

describe("structs and nullables", () => {
  const point = t.struct({ x: t.i16(), y: t.i16() });
  const person = t.struct({ name: t.str(20), at: t.nullable(point), constructor: t.u8() });
  const people = tuple(string({ maxLength: 10 }), oneof(constant(null), tuple(int(-9, 9), int(-9, 9))), int(0, 255)).map(
    ([name, at, n]) => ({ name, at: at && { x: at[0], y: at[1] }, constructor: n }),
  );

  test("what is written is read, field by field in the order of declaration", () => {
    assert(
      property(people, (value) => {
        expect(read(person, bytesOf(person, person.check(value)))).toEqual(value);
      }),
      many(300),
    );
    expect(person.wire).toBe("struct(name:str(20),at:nullable(struct(x:i16,y:i16)),constructor:u8)");
  });

  test("every truncation throws", () => {
    const bytes = bytesOf(person, { name: "Zoë", at: { x: 1, y: -1 }, constructor: 4 });
    for (let length = 0; length < bytes.length; length++) expect(() => read(person, bytes.subarray(0, length))).toThrow();
    expect(() => read(t.nullable(point), Uint8Array.of(2, 0, 0, 0, 0))).toThrow("received 2, expected the byte 0 or 1");
  });

  test("an error names the field, in a value and in bytes", () => {
    const value = { name: "a", at: { x: 1, y: 1e6 }, constructor: 1 };
    expect(mismatchOf(person, value)).toEqual({
      path: ["at", "y"],
      received: "1000000",
      expected: "an integer from -32768 to 32767",
    });
    expect(mismatchOf(person, 5)).toMatchObject({ received: "5", expected: "an object with name, at, constructor" });
    const lie = encode((to) => (encoding.writeVarString(to, "x".repeat(21)), encoding.writeUint8(to, 0)));
    expect(() => read(person, lie)).toThrow("name: received");
  });

  test("fields nobody declared are dropped, inherited ones do not count, and no prototype is touched", () => {
    const hostile: unknown = JSON.parse(
      '{"x":1,"y":2,"z":3,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    const checked = point.check(hostile);
    expect(Object.keys(checked)).toEqual(["x", "y"]);
    expect(Object.getPrototypeOf(checked)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(mismatchOf(point, Object.create({ x: 1, y: 2 }))).toMatchObject({ path: ["x"], received: "undefined" });
    expect(mismatchOf(person, { name: "a", at: null })).toMatchObject({ path: ["constructor"], received: "undefined" });
  });

  test("a value is frozen: a cell that changes in place would leave no trace", () => {
    for (const value of [point.check({ x: 1, y: 2 }), read(point, bytesOf(point, { x: 1, y: 2 })), point.zero])
      expect(() => Object.assign(value, { x: 5 })).toThrow(TypeError);
  });

  test("random bytes are refused or read to a value that has bytes of its own, and never past the end", () => {
    const draw = new Draw("schema", SEED);
    const types: Wire<unknown>[] = [
      person,
      t.nullable(person),
      t.struct({}),
      t.bytes(9),
      t.array(t.u16(), 5),
      ...every.map(([, { type }]) => type),
    ];
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const type = draw.one(types);
      const bytes = draw.bytes(draw.below(24));
      const from = decoding.createDecoder(bytes);
      let value: unknown;
      try {
        value = type.read(from);
      } catch {
        continue;
      }
      accepted++;
      expect(from.pos, `SEED=${SEED} round ${round}`).toBeLessThanOrEqual(bytes.length);
      expect(type.check(value)).toEqual(value);
      expect(read(type, bytesOf(type, value))).toEqual(value);
    }
    expect(accepted).toBeGreaterThan(1000);
  });
});

describe("arrays, unions, bytes, and what may be missing", () => {
  const card = t.union("kind", {
    pass: {},
    play: { card: t.u8(), note: t.optional(t.str(5)) },
    swap: { cards: t.array(t.array(t.u8(), 2), 3) },
  });
  const byte = int(0, 255);
  const cards = oneof(
    constant({ kind: "pass" }),
    tuple(byte, oneof(constant(undefined), constant("hm"))).map(([card, note]) => ({
      kind: "play",
      card,
      ...(note !== undefined && { note }),
    })),
    array(array(byte, { maxLength: 2 }), { maxLength: 3 }).map((cards) => ({ kind: "swap", cards })),
  );

  test("what is written is read; what is missing stays missing", () => {
    assert(
      property(cards, (value) => {
        const bytes = bytesOf(card, card.check(value));
        expect(read(card, bytes)).toEqual(value);
        expect(Object.keys(read(card, bytes))).toEqual(Object.keys(value));
        for (let length = 0; length < bytes.length; length++) expect(() => read(card, bytes.subarray(0, length))).toThrow();
      }),
      many(300),
    );
    expect([card.zero, t.array(t.u8(), 3).zero, t.optional(t.u8()).zero, t.enum("a", "b").zero]).toEqual([
      { kind: "pass" },
      [],
      undefined,
      "a",
    ]);
    expect(card.wire).toBe(
      "union(kind,pass:struct(),play:struct(card:u8,note:optional(str(5))),swap:struct(cards:array(array(u8,2),3)))",
    );
  });

  test("an error names the field, the place and the variants", () => {
    expect(mismatchOf(card, { kind: "swap", cards: [[1], [2, 300]] })).toEqual({
      path: ["cards", "1", "1"],
      received: "300",
      expected: "an integer from 0 to 255",
    });
    expect(mismatchOf(card, { kind: "swap", cards: [[], [], [], []] })).toEqual({
      path: ["cards"],
      received: "an array of 4",
      expected: "an array of at most 3",
    });
    expect(mismatchOf(card, { kind: "toString" })).toEqual({
      path: ["kind"],
      received: '"toString"',
      expected: 'one of "pass", "play", "swap"',
    });
    expect(mismatchOf(card, Object.create({ kind: "pass" }))).toMatchObject({ path: ["kind"], received: "undefined" });
    expect(mismatchOf(card, null)).toMatchObject({ path: [], received: "null" });
    expect(mismatchOf(t.array(t.u8(), 2), { length: 1, 0: 1 })).toMatchObject({ received: "a value of type object" });
  });

  test("bytes that no writer makes are refused before anything is made of them", () => {
    for (const lie of [[3], [1, 7, 2], [2, 4], [2, 1, 3]]) expect(() => read(card, Uint8Array.from(lie))).toThrow();
    expect(() => read(t.array(t.struct({}), 9), Uint8Array.from([10]))).toThrow("received 10, expected at most 9 values");
    expect(() => read(t.bytes(4), Uint8Array.from([5, 1, 2, 3, 4, 5]))).toThrow("received 5, expected at most 4 bytes");
    expect(() => read(t.bytes(1e9), Uint8Array.from([0xff, 0xff, 0xff, 0x7f, 1]))).toThrow(
      "received 1, expected 268435455 bytes",
    );
  });

  test("bytes are copied both ways, arrays and unions are frozen", () => {
    const type = t.bytes(4);
    const given = Uint8Array.of(1, 2, 3);
    const kept = type.check(given);
    given[0] = 9;
    expect(kept).toEqual(Uint8Array.of(1, 2, 3));
    const wire = bytesOf(type, kept);
    const got = read(type, wire);
    wire[1] = 9;
    expect(got).toEqual(Uint8Array.of(1, 2, 3));
    expect(mismatchOf(type, [1, 2])).toEqual({ path: [], received: "an array", expected: "a Uint8Array of at most 4 bytes" });
    expect(mismatchOf(type, new Uint8Array(5))).toMatchObject({ received: "5" });
    for (const value of [card.check({ kind: "swap", cards: [[1]] }), read(card, bytesOf(card, { kind: "swap", cards: [[1]] }))]) {
      expect(() => Object.assign(value, { kind: "pass" })).toThrow(TypeError);
      expect(() => (value as unknown as { cards: unknown[] }).cards.pop()).toThrow(TypeError);
    }
  });

  test("fixed numbers are the nearest of evenly spread ones, the ends exactly, in as few bytes as they need", () => {
    const angle = t.fixed(0, 360, 16);
    expect(bytesOf(angle, angle.check(123)).length).toBe(2);
    expect(Math.abs(angle.check(123) - 123)).toBeLessThan(360 / 65_535);
    expect([angle.check(0), angle.check(360), t.fixed(5, 6, 1).zero, t.fixed(-1, 1, 1).check(0.2)]).toEqual([0, 360, 5, 1]);
    expect(() => t.fixed(0, 0, 8)).toThrow(RangeError);
    expect(() => t.fixed(0, 1, 33)).toThrow(RangeError);
    expect(() => t.enum("a", "a")).toThrow(RangeError);
    expect(() => t.union("kind", { a: { kind: t.u8() } })).toThrow(RangeError);
  });
});

describe("any other Standard Schema", () => {
  /** As zod or valibot would make it: takes text, gives a number. */
  const numeral = foreign({
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        typeof value === "string" && /^\d+$/.test(value)
          ? { value: Number(value) }
          : { issues: [{ message: "digits", path: ["n", { key: 0 }] }] },
    },
  });
  const anything = foreign({ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } });

  test("a schema that transforms does it once, where the bytes are read", () => {
    expect(read(numeral, bytesOf(numeral, numeral.check("42")))).toBe(42);
  });

  test("what it refuses is refused with its path, as a value and as bytes", () => {
    const mismatch = { path: ["n", "0"], received: '"x"', expected: "digits" };
    expect(mismatchOf(numeral, "x")).toEqual(mismatch);
    expect(() => read(numeral, bytesOf(anything, "x"))).toThrow(WireError);
    expect(() => read(numeral, bytesOf(anything, 42))).toThrow(WireError);
  });

  test("JSON with __proto__ in it touches no prototype; nonsense, cuts and depth throw", () => {
    const text = (json: string): Uint8Array => encode((to) => encoding.writeVarString(to, json));
    const value = read(anything, text('{"__proto__":{"polluted":true}}')) as object;
    expect([Object.getPrototypeOf(value) === Object.prototype, ({} as { polluted?: boolean }).polluted]).toEqual([
      true,
      undefined,
    ]);
    for (const json of ["{", "undefined", "NaN", "'a'", "[1,]", "[".repeat(60_000)])
      expect(() => read(anything, text(json))).toThrow();
    const bytes = text('{"a":[1,2,3]}');
    for (let length = 0; length < bytes.length; length++) expect(() => read(anything, bytes.subarray(0, length))).toThrow();
  });

  test("undefined has bytes too", () => {
    expect(read(anything, bytesOf(anything, undefined))).toBeUndefined();
  });

  test("one that validates asynchronously is named as the mistake it is", () => {
    const slow = foreign({ "~standard": { version: 1, vendor: "slow", validate: async (value) => ({ value }) } });
    expect(() => slow.check(1)).toThrow("the schema of slow validates asynchronously");
  });
});
