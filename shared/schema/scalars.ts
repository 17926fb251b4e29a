/**
 * Numbers, booleans, text, names and bytes. Small integers have a fixed width, so that a row costs the same wherever it is;
 * 32-bit ones are varints, since most of them are small.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { mismatch, wire, type Wire } from "./wire.ts";

/** The highest row id. Columns are as long as the highest id in use, so ids are kept small: lowest free first. */
export const MAX_ROW_ID = 1_048_575;

type WriteNumber = (to: Encoder, value: number) => void;
type ReadNumber = (from: Decoder) => number;

function integer(name: string, min: number, max: number, write: WriteNumber, read: ReadNumber): Wire<number> {
  const check = (value: unknown, path: readonly string[] = []): number =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? value + 0 // -0 and 0 are one value: they have the same bytes
      : mismatch(path, value, `an integer from ${min} to ${max}`);
  return wire({ wire: name, zero: 0, check, write, read: (from) => check(whole(from, read)) });
}

/** lib0 reads `undefined` past the end, and bit operations make that a 0. */
function whole(from: Decoder, read: ReadNumber): number | undefined {
  const value = read(from);
  return from.pos <= from.arr.length ? value : undefined;
}

const writeInt16: WriteNumber = (to, value) => encoding.writeUint16(to, value & 0xffff);
const readInt16: ReadNumber = (from) => (decoding.readUint16(from) << 16) >> 16;

export const u8 = (): Wire<number> => integer("u8", 0, 0xff, encoding.writeUint8, decoding.readUint8);
export const u16 = (): Wire<number> => integer("u16", 0, 0xffff, encoding.writeUint16, decoding.readUint16);
export const u32 = (): Wire<number> => integer("u32", 0, 0xffffffff, encoding.writeVarUint, decoding.readVarUint);
export const i8 = (): Wire<number> =>
  integer(
    "i8",
    -0x80,
    0x7f,
    (to, value) => encoding.writeUint8(to, value & 0xff),
    (from) => (decoding.readUint8(from) << 24) >> 24,
  );
export const i16 = (): Wire<number> => integer("i16", -0x8000, 0x7fff, writeInt16, readInt16);
export const i32 = (): Wire<number> => integer("i32", -0x80000000, 0x7fffffff, encoding.writeVarInt, decoding.readVarInt);

function float(name: string, write: WriteNumber, read: ReadNumber, round: (value: number) => number): Wire<number> {
  const check = (value: unknown, path: readonly string[] = []): number =>
    typeof value === "number" && Number.isFinite(value) && Number.isFinite(round(value))
      ? round(value) + 0
      : mismatch(path, value, `a finite number that fits ${name}`);
  return wire({ wire: name, zero: 0, check, write, read: (from) => check(read(from)) });
}

/** Rounded to single precision on the way in, so that both sides hold the same number. */
export const f32 = (): Wire<number> => float("f32", encoding.writeFloat32, decoding.readFloat32, Math.fround);
export const f64 = (): Wire<number> => float("f64", encoding.writeFloat64, decoding.readFloat64, (value) => value);

/**
 * One of 2^`bits` numbers, evenly spread from `min` to `max`, both included: what lies between is rounded to the nearest.
 * Takes the whole bytes that `bits` need.
 */
export const fixed = (min: number, max: number, bits: number): Wire<number> => {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min < max && Number.isInteger(bits) && bits >= 1 && bits <= 32))
    throw new RangeError(`fixed(${min}, ${max}, ${bits}), expected a range of finite numbers and 1 to 32 bits`);
  const steps = 2 ** bits - 1;
  const width = Math.ceil(bits / 8);
  const stepOf = (value: number): number => Math.round(((value - min) / (max - min)) * steps);
  const valueOf = (step: number): number => min + (step / steps) * (max - min) + 0;
  const check = (value: unknown, path: readonly string[] = []): number =>
    typeof value === "number" && value >= min && value <= max
      ? valueOf(stepOf(value))
      : mismatch(path, value, `a number from ${min} to ${max}`);
  return wire({
    wire: `fixed(${min},${max},${bits})`,
    zero: valueOf(stepOf(Math.min(max, Math.max(min, 0)))),
    check,
    write: (to, value) => {
      const step = stepOf(value);
      for (let byte = 0; byte < width; byte++) encoding.writeUint8(to, Math.floor(step / 256 ** byte) & 0xff);
    },
    read: (from) => {
      let step = 0;
      for (let byte = 0; byte < width; byte++) step += decoding.readUint8(from) * 256 ** byte;
      return step <= steps ? valueOf(step) : mismatch([], step, `one of ${steps + 1} steps`); // NaN past the end neither
    },
  });
};

/** The id of a table's row: one to three bytes. */
export const id = (): Wire<number> => integer("id", 0, MAX_ROW_ID, encoding.writeVarUint, decoding.readVarUint);

/** One of these names, in one byte: its place among them. The first is what a field starts as. */
export const names = <const N extends readonly [string, ...string[]]>(...of: N): Wire<N[number]> => {
  if (new Set(of).size !== of.length || of.length > 256)
    throw new RangeError(`enum(${of.join(", ")}), expected 1 to 256 different names`);
  const expected = `one of ${of.map((name) => JSON.stringify(name)).join(", ")}`;
  return wire<N[number]>({
    wire: `enum(${of.map((name) => JSON.stringify(name)).join(",")})`,
    zero: of[0],
    check: (value, path = []) => (of.includes(value as string) ? (value as N[number]) : mismatch(path, value, expected)),
    write: (to, value) => encoding.writeUint8(to, of.indexOf(value)),
    read: (from) => {
      const place = decoding.readUint8(from);
      return of[place] ?? mismatch([], place, `the place of ${expected}`);
    },
  });
};

/** At most `max` bytes, copied on the way in: what is kept must not be changed in place. */
export const bytes = (max: number): Wire<Uint8Array> =>
  wire({
    wire: `bytes(${max})`,
    zero: new Uint8Array(),
    check: (value, path = []) =>
      value instanceof Uint8Array && value.length <= max
        ? value.slice()
        : mismatch(path, value instanceof Uint8Array ? value.length : value, `a Uint8Array of at most ${max} bytes`),
    write: encoding.writeVarUint8Array,
    read: (from) => {
      const length = decoding.readVarUint(from);
      if (length > max) mismatch([], length, `at most ${max} bytes`);
      if (length > from.arr.length - from.pos) mismatch([], from.arr.length - from.pos, `${length} bytes`);
      return decoding.readUint8Array(from, length).slice();
    },
  });

export const bool = (): Wire<boolean> => {
  const check = (value: unknown, path: readonly string[] = []): boolean =>
    typeof value === "boolean" ? value : mismatch(path, value, "true or false");
  return wire({
    wire: "bool",
    zero: false,
    check,
    write: (to, value) => encoding.writeUint8(to, value ? 1 : 0),
    read: (from) => {
      const byte = decoding.readUint8(from);
      return byte === 0 ? false : byte === 1 ? true : mismatch([], byte, "the byte 0 or 1");
    },
  });
};

/** Text of at most `max` UTF-16 code units. Lone surrogates are refused: they do not survive UTF-8. */
export const str = (max: number): Wire<string> => {
  const check = (value: unknown, path: readonly string[] = []): string =>
    typeof value === "string" && value.length <= max && !/\p{Surrogate}/u.test(value)
      ? value
      : mismatch(path, value, `well-formed text of at most ${max} characters`);
  return wire({
    wire: `str(${max})`,
    zero: "",
    check,
    write: encoding.writeVarString,
    read: (from) => check(decoding.readVarString(from)),
  });
};
