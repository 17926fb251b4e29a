/** `t`: every type a room can declare. `table` and `value` are the two shapes of game state. */
import { array, nullable, optional, struct, union, type Fields, type Shape, type Variants } from "./compose.ts";
import { bool, bytes, f32, f64, fixed, i16, i32, i8, id, names, str, u16, u32, u8 } from "./scalars.ts";
import type { Wire } from "./wire.ts";

/** Rows with a numeric id; `R` is one row without its id. */
export interface Table<R> {
  readonly kind: "table";
  readonly row: R;
  readonly shape: Shape;
  readonly index: readonly string[];
  /** The column that names whose a row is, where only that user sees it. */
  readonly owner: string | undefined;
}
/** One small record. */
export interface Value<R> {
  readonly kind: "value";
  readonly row: R;
  readonly shape: Shape;
  readonly index: readonly string[];
  readonly owner: undefined;
}

/** `row` exists in the types only: it carries the row's static type. */
const phantom = undefined as never;

export interface TableOptions<S extends Shape> {
  /** The columns that `where` looks up without a scan. */
  readonly index?: readonly (keyof S & string)[];
  /**
   * Makes the rows secret, by a column of t.u16 or t.u32 (`c.me` rises with every user who ever wrote): each is seen by the user whose `c.me` this column holds, and by nobody else; 0 is nobody. Only
   * actions with `predict: false` may touch them, for a browser does not have them. To reveal one, delete it here and
   * add it to a table that everybody sees.
   */
  readonly private?: keyof S & string;
}

const table = <const S extends Shape>(shape: S, options: TableOptions<S> = {}): Table<Fields<S>> => ({
  kind: "table",
  row: phantom,
  shape,
  index: options.index ?? [],
  owner: options.private,
});

const value = <const S extends Shape>(shape: S): Value<Fields<S>> => ({
  kind: "value",
  row: phantom,
  shape,
  index: [],
  owner: undefined,
});

export const t: {
  /** 0 … 255, one byte. */
  u8(): Wire<number>;
  /** 0 … 65,535, two bytes. */
  u16(): Wire<number>;
  /** 0 … 4,294,967,295, one to five bytes. */
  u32(): Wire<number>;
  /** −128 … 127, one byte. */
  i8(): Wire<number>;
  /** −32,768 … 32,767, two bytes. */
  i16(): Wire<number>;
  /** −2,147,483,648 … 2,147,483,647, one to five bytes. */
  i32(): Wire<number>;
  /** A finite number, rounded to single precision, four bytes. */
  f32(): Wire<number>;
  /** A finite number, eight bytes. Times in ms fit here (`c.now`). */
  f64(): Wire<number>;
  /**
   * One of 2^`bits` numbers (1 … 32 bits) spread evenly from `min` to `max`; others are rounded to the nearest. One to four
   * bytes: `t.fixed(0, 360, 16)` is an angle in two.
   */
  fixed(min: number, max: number, bits: number): Wire<number>;
  /** The id of a table's row: 0 … 1,048,575, one to three bytes. */
  id(): Wire<number>;
  bool(): Wire<boolean>;
  /** One of 1 to 256 names, in one byte. A field starts as the first. */
  enum<const N extends readonly [string, ...string[]]>(...of: N): Wire<N[number]>;
  /** Text of at most `max` UTF-16 code units. */
  str(max: number): Wire<string>;
  /** A Uint8Array of at most `max` bytes, copied on the way in. */
  bytes(max: number): Wire<Uint8Array>;
  nullable<T>(of: Wire<T>): Wire<T | null>;
  /** A field that may be missing. */
  optional<T>(of: Wire<T>): Wire<T | undefined>;
  /** At most `max` values of one type; frozen. */
  array<T>(of: Wire<T>, max: number): Wire<readonly T[]>;
  /** One of several structs, told apart by the name in the field `tag`: `t.union("kind", { pass: {}, play: { card: t.u8() } })`. */
  union<const K extends string, const V extends Record<string, Shape>>(tag: K, variants: V): Wire<Variants<K, V>>;
  struct<const S extends Shape>(shape: S): Wire<Fields<S>>;
  /** Game state: one small record. Starts as zeros: 0, false, empty text, null. */
  value<const S extends Shape>(shape: S): Value<Fields<S>>;
  /** Game state: rows by id (0 … 1,048,575). */
  table<const S extends Shape>(shape: S, options?: TableOptions<S>): Table<Fields<S>>;
} = {
  u8,
  u16,
  u32,
  i8,
  i16,
  i32,
  f32,
  f64,
  fixed,
  id,
  bool,
  enum: names,
  str,
  bytes,
  nullable,
  optional,
  array,
  union,
  struct,
  value,
  table,
};
