/** The wire: what is written is read, what is not understood is refused, and no change of it goes unnoticed. */
import { closeCodes, errorCodes, meaningOf, reactionTo, RoomError, t } from "coterie";
import { assert, boolean, nat, option, property, record, string, uint8Array, type Arbitrary } from "fast-check";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as decoding from "lib0/decoding";
import { describe, expect, test } from "vitest";
import { writeDelta } from "../../shared/game/delta.ts";
import { writeSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import { isErrorCode } from "../../shared/protocol/meanings.ts";
import {
  readAct,
  readAnswers,
  readFault,
  writeAct,
  writeAnswers,
  writeFault,
  type Act,
  type Answer,
  type Fault,
  type NumberedAnswer,
} from "../../shared/protocol/action.ts";
import { readAck, writeAck, writePace, writePart } from "../../shared/protocol/flow.ts";
import { DOWN, readDown } from "../../shared/protocol/down.ts";
import { encode, Frame, readFrame, rest } from "../../shared/protocol/frame.ts";
import {
  readDeltaMessage,
  readMove,
  readState,
  writeDeltaMessage,
  writeDrifted,
  writeHash,
  writeMove,
  writeSecrets,
  writeState,
  writeStreams,
} from "../../shared/protocol/game.ts";
import { readHello, readLife, readWelcome, writeHello, writeLife, writeWelcome } from "../../shared/protocol/hello.ts";
import { writeDocumentState, writeEdit, writeEdited, writeEdits } from "../../shared/protocol/document.ts";
import * as limits from "../../shared/protocol/limits.ts";
import {
  readEventDown,
  readEventUp,
  readLeft,
  readPeer,
  readPresenceDown,
  writeEventDown,
  writeEventUp,
  writeLeft,
  writePeer,
} from "../../shared/protocol/people.ts";
import { readUp, UP } from "../../shared/protocol/up.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../../shared/protocol/version.ts";
import { frameOf } from "../kit/frames.ts";
import { Draw, many, SEED } from "../kit/random.ts";

const reader = (bytes: Uint8Array): decoding.Decoder => decoding.createDecoder(bytes);
/** Any number of the wire. */
const number = nat(Number.MAX_SAFE_INTEGER);
const bytes = uint8Array({ maxLength: 40 });
const text = string({ maxLength: 20 });

function roundTrip<T>(
  name: string,
  values: Arbitrary<T>,
  write: (value: T) => Uint8Array,
  read: (from: decoding.Decoder) => unknown,
): void {
  test(`${name}: what is written is read, whole`, () => {
    assert(
      property(values, (value) => {
        const written = write(value);
        const from = reader(written);
        expect(read(from)).toEqual(value);
        expect(from.pos).toBe(written.length);
      }),
      many(200),
    );
  });
}

describe("messages", () => {
  const user = record({ id: text, name: string({ minLength: 1, maxLength: 9 }) }, { requiredKeys: ["id"] });
  const kind = <K extends string>(of: K): { kind: K } => ({ kind: of });

  roundTrip(
    "ack",
    number.map((bytes) => ({ kind: "ack" as const, bytes })),
    ({ bytes: read }) => writeAck(read),
    readAck,
  );

  roundTrip(
    "hello",
    record({
      protocol: number,
      gameVersion: number,
      session: string({ minLength: 1, maxLength: limits.MAX_SESSION_ID }).filter((it) => it.length <= limits.MAX_SESSION_ID),
      seq: number,
      epoch: number,
      presence: bytes,
      create: option(bytes),
    }).map((hello) => ({ ...kind("hello"), ...hello })),
    writeHello,
    readHello,
  );
  roundTrip(
    "welcome",
    record({
      connection: number,
      me: number,
      user,
      now: nat(),
      life: nat(0xffffffff),
      epoch: number,
      resumed: boolean(),
      params: bytes,
    }).map((welcome) => ({ ...kind("welcome"), ...welcome })),
    writeWelcome,
    readWelcome,
  );
  roundTrip(
    "life",
    record({ life: nat(0xffffffff) }).map((it) => ({ ...kind("life"), ...it })),
    ({ life }) => writeLife(life),
    readLife,
  );
  roundTrip<Act>(
    "act",
    record({ number, action: number, input: bytes }).map((it) => ({ ...kind("act"), ...it })),
    writeAct,
    readAct,
  );
  const answer: Arbitrary<Answer> = record({ which: nat(2), words: text }).map(({ which, words }) =>
    which === 0 ? { kind: "done", json: words } : { kind: which === 1 ? "rejected" : "broke", code: words },
  );
  const answered: Arbitrary<NumberedAnswer> = record({ number, seq: number, answer });
  roundTrip(
    "answers",
    record({ after: number, answers: option(answered).map((one) => (one ? [one, one] : [])) }).map((it) => ({
      ...kind("answers"),
      ...it,
    })),
    ({ after, answers }) => writeAnswers(after, answers),
    readAnswers,
  );
  roundTrip<Fault>(
    "fault",
    record({ number, code: text, message: text }).map((it) => ({ ...kind("fault"), ...it })),
    writeFault,
    readFault,
  );
  roundTrip(
    "state",
    record({ seq: number, snapshot: bytes }).map((it) => ({ ...kind("state"), ...it })),
    ({ seq, snapshot }) => writeState(seq, snapshot),
    readState,
  );
  roundTrip(
    "delta",
    record({ since: nat(2 ** 40), more: nat(), changes: bytes }).map(({ since, more, changes }) => ({
      ...kind("delta"),
      since,
      seq: since + more,
      changes,
    })),
    ({ since, seq, changes }) => writeDeltaMessage(since, seq, changes),
    readDeltaMessage,
  );
  roundTrip(
    "peer",
    record({ connection: number, me: number, user, presence: bytes }).map((it) => ({ ...kind("peer"), ...it })),
    writePeer,
    readPeer,
  );
  roundTrip(
    "left",
    record({ connection: number }).map((it) => ({ ...kind("left"), ...it })),
    (it) => writeLeft(it.connection),
    readLeft,
  );

  test("what a part reads later is left for it, whole", () => {
    const body = Uint8Array.of(7, 8, 9);
    expect(rest(readMove(reader(writeMove(3, 500, body))).values)).toEqual(body);
    expect(readMove(reader(writeMove(3, 500, body)))).toMatchObject({ kind: "move", stream: 3, row: 500 });
    expect(readEventUp(reader(writeEventUp(2, body)))).toMatchObject({ from: 0, event: 2 });
    expect(rest(readEventDown(reader(writeEventDown(4, 2, body))).data)).toEqual(body);
    expect(rest(readPresenceDown(reader(Uint8Array.of(4, ...body))).fields)).toEqual(body);
  });

  test("a session id is 1 to 64 characters", () => {
    const hello = { protocol: 1, gameVersion: 1, seq: 0, epoch: 0, presence: new Uint8Array(), create: null };
    for (const length of [0, 65])
      expect(() => readHello(reader(writeHello({ ...hello, session: "x".repeat(length) })))).toThrow(`session id of ${length}`);
  });
});

/** One message of each type, with something in every field. */
const user = { id: "u-1", name: "Zoë" };
const UP_CORPUS: Record<keyof typeof UP, Uint8Array> = {
  hello: writeHello({
    protocol: 1,
    gameVersion: 3,
    session: "s-1",
    seq: 300,
    epoch: 1_770_000_000_000,
    presence: Uint8Array.of(1, 2),
    create: Uint8Array.of(9),
  }),
  ack: writeAck(70_000),
  pace: writePace(65_000),
  act: writeAct({ number: 300, action: 2, input: Uint8Array.of(5, 6) }),
  move: writeMove(1, 300, Uint8Array.of(5, 6)),
  drifted: writeDrifted(300),
  presence: Uint8Array.of(3, 1, 2),
  event: writeEventUp(1, Uint8Array.of(5)),
  edit: writeEdit({ number: 300, update: Uint8Array.of(0, 0) }),
  awareness: Uint8Array.of(0),
};
const DOWN_CORPUS: Record<keyof typeof DOWN, Uint8Array> = {
  welcome: writeWelcome({
    connection: 3,
    me: 200,
    user,
    now: 1_770_000_000_000.5,
    life: 0xdeadbeef,
    epoch: 1_770_000_000_000,
    resumed: true,
    params: Uint8Array.of(4),
  }),
  life: writeLife(0xdeadbeef),
  fault: writeFault({ number: 300, code: "gap", message: "wörds" }),
  part: writePart({ left: 300, bytes: Uint8Array.of(1, 2) }),
  pace: writePace(66),
  answers: writeAnswers(300, [
    { number: 1, seq: 299, answer: { kind: "done", json: "[1]" } },
    { number: 2, seq: 300, answer: { kind: "rejected", code: "held" } },
    { number: 3, seq: 300, answer: { kind: "broke", code: "internal" } },
  ]),
  state: writeState(300, Uint8Array.of(1, 2, 3)),
  delta: writeDeltaMessage(298, 300, Uint8Array.of(1, 2, 3)),
  streams: writeStreams(1_770_000_000_000, Uint8Array.of(0, 0, 1, 5, 6)),
  secrets: writeSecrets(300, true, Uint8Array.of(1, 2, 3)),
  hash: writeHash(300, 0xdeadbeef),
  peer: writePeer({ connection: 3, me: 200, user, presence: Uint8Array.of(7) }),
  left: writeLeft(300),
  presence: Uint8Array.of(3, 1, 2),
  event: writeEventDown(200, 1, Uint8Array.of(5)),
  edits: writeEdits(300, Uint8Array.of(0, 0)),
  awareness: Uint8Array.of(0),
  edited: writeEdited(300),
  document: writeDocumentState(300, Uint8Array.of(0)),
};
const upFrame = frameOf(...Object.entries(UP_CORPUS).map(([name, body]) => [UP[name as keyof typeof UP], body] as const));
const downFrame = frameOf(...Object.entries(DOWN_CORPUS).map(([name, body]) => [DOWN[name as keyof typeof DOWN], body] as const));

/** Values of every type, in a snapshot and in a delta. */
function values(): Uint8Array {
  const { u8, u16, u32, i8, i16, i32, f32, f64, bool, str, nullable, struct } = t;
  const row = { a: u8(), b: u16(), c: u32(), d: i8(), e: i16(), f: i32(), g: f32(), h: f64(), i: bool(), j: str(9) };
  const more = { k: nullable(u8()), l: nullable(u8()), m: struct({ x: i8(), y: bool() }) };
  const state = new GameState({ rows: t.table({ ...row, ...more }), one: t.value({ n: u8() }) });
  const cells = { a: 200, b: 60_000, c: 4e9, d: -3, e: -300, f: -70_000, g: 0.1, h: 0.1, i: true, j: "Zoë" };
  for (const id of [2, 300]) state.draft.rows.add(id, { ...cells, k: null, l: 5, m: { x: -1, y: true } });
  const snapshot = encode((to) => writeSnapshot(to, state));
  state.log.clear();
  state.draft.rows.delete(2);
  state.draft.rows.get(300)!.b = 1;
  state.draft.one.n = 7;
  const delta = encode((to) => void writeDelta(to, state, state.log.since(0)));
  return Uint8Array.of(...snapshot, ...delta);
}

test("a change of the wire raises its version, with a line of history and a look at PROTOCOL.md", () => {
  const pinned = createHash("sha256").update(upFrame).update(downFrame).update(values()).digest("hex").slice(0, 16);
  expect({ version: PROTOCOL_VERSION, subprotocol: SUBPROTOCOL, pinned }).toEqual({
    version: 4,
    subprotocol: "coterie.v1",
    pinned: "46114dcac14dd34b",
  });
});

describe("frames", () => {
  test("hold their messages in order", () => {
    const kinds = [...readFrame(downFrame)].map((message) => readDown(message)?.kind);
    expect(kinds).toEqual(Object.keys(DOWN));
    expect([...readFrame(upFrame)].map((message) => readUp(message).kind)).toEqual(Object.keys(UP));
    expect([...readFrame(new Uint8Array())]).toEqual([]);
  });

  test("a message of an unknown type is refused by a room, and passed over by a client", () => {
    const known = new Set<number>([...Object.values(UP), ...Object.values(DOWN)]);
    for (let type = 0; type < 400; type++) {
      const [message] = readFrame(frameOf([type, Uint8Array.of(0)]));
      if (!Object.values<number>(UP).includes(type)) expect(() => readUp(message!)).toThrow(`message of type ${type}`);
      if (!known.has(type)) expect(readDown(message!)).toBeUndefined();
    }
  });

  test("a frame says when it is full: what fits is read by a room", () => {
    const frame = new Frame();
    frame.add(16, new Uint8Array(1000));
    const most = limits.MAX_FRAME_BYTES - 1003 - 8;
    expect([frame.fits(most), frame.fits(most + 1)]).toEqual([true, false]);
    frame.add(16, new Uint8Array(most));
    expect(frame.bytes().length).toBeLessThanOrEqual(limits.MAX_FRAME_BYTES);
  });

  /** Reads all of it, as a peer would. */
  function readAll(frame: Uint8Array, side: "up" | "down"): void {
    for (const message of readFrame(frame)) {
      if (side === "up") readUp(message);
      else readDown(message);
    }
  }
  const corpus = [
    ["up", upFrame],
    ["down", downFrame],
  ] as const;

  test.each(corpus)("%s: a frame cut within a message throws, one cut between two is the shorter frame", (side, whole) => {
    const ends = new Set([0]);
    for (const { body } of readFrame(whole)) ends.add(body.arr.byteOffset - whole.byteOffset + body.arr.length);
    for (let length = 0; length < whole.length; length++)
      for (const cut of [whole.slice(0, length), whole.subarray(0, length)]) {
        if (ends.has(length)) expect(() => readAll(cut, side)).not.toThrow();
        else expect(() => readAll(cut, side)).toThrow();
      }
  });

  test.each(corpus)("%s: with any bit flipped, and with random bytes, it is read or throws an error, at once", (side, whole) => {
    const started = performance.now();
    const attempt = (frame: Uint8Array): void => {
      try {
        readAll(frame, side);
      } catch (error) {
        if (!(error instanceof Error)) throw new Error(`SEED=${SEED} threw ${String(error)}`, { cause: error });
      }
    };
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Uint8Array.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      attempt(flipped);
    }
    const draw = new Draw("frames", side, SEED);
    for (let n = 0; n < 20_000; n++) attempt(draw.bytes(draw.below(60)));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("numbers that no writer makes are refused, or are numbers", () => {
    const overlong = (count: number, last: number): Uint8Array => Uint8Array.from([...Array<number>(count).fill(0x80), last]);
    const lengths = [overlong(200, 0), Uint8Array.from([...Array<number>(9).fill(0xff), 0x7f]), overlong(9, 1)];
    for (const length of lengths) expect(() => readAll(Uint8Array.from([UP.act, ...length, 1, 1]), "up")).toThrow();
  });
});

describe("codes", () => {
  /** The table in PROTOCOL.md below this heading: its rows as cells. */
  function table(heading: string): string[][] {
    const document = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
    const section = document.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
    const rows = section.split("\n").filter((line) => line.startsWith("| "));
    return rows
      .map((row) =>
        row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .slice(1);
  }

  test("PROTOCOL.md lists every close code, and none that is not", () => {
    expect(table("Close codes")).toEqual(
      closeCodes().map(([code, { name, meaning, reaction }]) => [String(code), name, meaning, reaction]),
    );
  });

  test("PROTOCOL.md lists every error code, and none that is not", () => {
    expect(table("Error codes")).toEqual(
      errorCodes().map(([code, { meaning, retryable, reaction }]) => [
        `\`${code}\``,
        meaning,
        retryable ? "yes" : "no",
        reaction,
      ]),
    );
  });

  test("PROTOCOL.md lists every message, with its number", () => {
    for (const [heading, types] of [
      ["Up", UP],
      ["Down", DOWN],
    ] as const) {
      const document = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
      const section = document.split(`### ${heading}\n`)[1]?.split("\n##")[0] ?? "";
      const listed = [...section.matchAll(/^\| (\d+) \| `(\w+)`/gm)].map(([, type, name]) => [name, Number(type)]);
      expect(Object.fromEntries(listed)).toEqual(types);
    }
  });

  test("the band of a close code is what a client does: 44xx stop or renew once, 45xx come back", () => {
    for (const [code, { reaction }] of closeCodes())
      expect([code, code < 4500 ? ["stop", "renew"] : ["retry", "soon", "slow"]]).toEqual([
        code,
        expect.arrayContaining([reaction]),
      ]);
    expect(reactionTo(4401)).toBe("renew");
  });

  test("codes that are not ours have a reaction too", () => {
    expect([1000, 1001, 1005, 1006, 1011, 1012, 4000, 4499, 4550, 3000].map((code) => `${code} ${reactionTo(code)}`)).toEqual([
      "1000 stop",
      "1001 retry",
      "1005 retry",
      "1006 retry",
      "1011 retry",
      "1012 retry",
      "4000 retry",
      "4499 stop",
      "4550 retry",
      "3000 retry",
    ]);
  });

  test("names are one code's only, across both tables where they mean an error", () => {
    const names = closeCodes().map(([, { name }]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("an error knows whether the call may be made again, and its code has a meaning", () => {
    for (const [code, { meaning, retryable }] of errorCodes()) {
      expect(new RoomError(code)).toMatchObject({ code, reason: "", retryable, message: code });
      expect(meaningOf(code)).toBe(meaning);
    }
    expect(meaningOf("full")).toBe("the room has no place left");
    expect(new RoomError("held", { reason: "by Ada" })).toMatchObject({ retryable: false, message: "held: by Ada" });
    for (const code of ["constructor", "__proto__", "toString"])
      expect([isErrorCode(code), new RoomError(code).retryable, meaningOf(code)]).toEqual([false, false, undefined]);
  });
});

test("limits that depend on each other do", () => {
  expect(limits.MAX_PRESENCE_BYTES * 2).toBeLessThan(16_384); // the attachment holds it, with the identity
  expect(limits.MAX_FRAME_BYTES).toBeLessThan(limits.MAX_ROW_BYTES);
  expect(limits.MAX_USER_ID + limits.MAX_NAME + limits.MAX_SESSION_ID).toBeLessThan(1000);
  expect(encode(() => {}).length).toBe(0);
});
