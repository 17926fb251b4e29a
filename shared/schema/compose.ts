/** Types made of other types. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { mismatch, wire, WireError, type Wire } from "./wire.ts";

/** Field name → type. */
// oxlint-disable-next-line typescript/no-explicit-any -- variance, not a hole: `Fields` recovers each type
export type Shape = Record<string, Wire<any>>;
/** The value a wire type, or any Standard Schema, gives. */
export type Out<W> = W extends StandardSchemaV1<infer _In, infer T> ? T : never;
/** The value a Standard Schema takes. */
export type In<W> = W extends StandardSchemaV1<infer T, infer _Out> ? T : never;
/** A field that may be undefined may be missing. */
export type Fields<S extends Shape> = Flat<
  { -readonly [K in keyof S as undefined extends Out<S[K]> ? never : K]: Out<S[K]> } & {
    -readonly [K in keyof S as undefined extends Out<S[K]> ? K : never]?: Out<S[K]>;
  }
>;
export type Flat<T> = { [K in keyof T]: T[K] };

export const nullable = <T>(of: Wire<T>): Wire<T | null> => or("nullable", of, null);

/** In a struct, a field that may be missing. */
export const optional = <T>(of: Wire<T>): Wire<T | undefined> => or("optional", of, undefined);

/** A value, or `none`: one byte says which. */
const or = <T, N extends null | undefined>(name: string, of: Wire<T>, none: N): Wire<T | N> =>
  wire<T | N>({
    wire: `${name}(${of.wire})`,
    zero: none,
    check: (value, path = []) => (value === none ? none : of.check(value, path)),
    write: (to, value) => {
      encoding.writeUint8(to, value === none ? 0 : 1);
      if (value !== none) of.write(to, value as T);
    },
    read: (from) => {
      const byte = decoding.readUint8(from);
      return byte === 0 ? none : byte === 1 ? of.read(from) : mismatch([], byte, "the byte 0 or 1");
    },
  });

/** At most `max` values of one type, in order. Frozen, as structs are. */
export const array = <T>(of: Wire<T>, max: number): Wire<readonly T[]> =>
  wire<readonly T[]>({
    wire: `array(${of.wire},${max})`,
    zero: Object.freeze([]),
    check: (value, path = []) => {
      const expected = `an array of at most ${max}`;
      if (!Array.isArray(value)) mismatch(path, value, expected);
      const given = value as readonly unknown[];
      if (given.length > max) throw new WireError({ path, received: `an array of ${given.length}`, expected });
      return Object.freeze(Array.from(given, (each, index) => of.check(each, [...path, String(index)])));
    },
    write: (to, values) => {
      encoding.writeVarUint(to, values.length);
      for (const value of values) of.write(to, value);
    },
    read: (from) => {
      const length = decoding.readVarUint(from);
      if (!(length <= max)) mismatch([], length, `at most ${max} values`);
      const values: T[] = [];
      for (let index = 0; index < length; index++) values.push(within(String(index), () => of.read(from)));
      return Object.freeze(values);
    },
  });

/** The variants of a union, by the name in their tag. */
export type Variants<K extends string, V extends Record<string, Shape>> = {
  [N in keyof V & string]: Flat<{ [Tag in K]: N } & Fields<V[N]>>;
}[keyof V & string];

/** One of several structs, told apart by the name in the field `tag`: `t.union("kind", { pass: {}, move: { to: t.u8() } })`. */
export const union = <const K extends string, const V extends Record<string, Shape>>(
  tag: K,
  variants: V,
): Wire<Variants<K, V>> => {
  const kinds = Object.entries(variants).map(([name, shape]) => {
    if (Object.hasOwn(shape, tag)) throw new RangeError(`union(${tag}): ${name} declares a field ${tag}, which is the tag`);
    return { name, type: struct(shape) };
  });
  if (kinds.length === 0 || kinds.length > 256)
    throw new RangeError(`union(${tag}) has ${kinds.length} variants, expected 1 to 256`);
  const expected = `one of ${kinds.map(({ name }) => JSON.stringify(name)).join(", ")}`;
  // The casts are where a loop over variants meets the mapped type, as in `build`.
  const tagged = (name: string, fields: object): Variants<K, V> => Object.freeze({ [tag]: name, ...fields }) as Variants<K, V>;
  const nameIn = (value: object): unknown => (Object.hasOwn(value, tag) ? (value as Record<string, unknown>)[tag] : undefined);
  return wire<Variants<K, V>>({
    wire: `union(${tag},${kinds.map(({ name, type }) => `${name}:${type.wire}`).join(",")})`,
    zero: tagged(kinds[0]!.name, kinds[0]!.type.zero),
    check: (value, path = []) => {
      if (typeof value !== "object" || value === null) mismatch(path, value, `an object with ${tag}, ${expected}`);
      const name = nameIn(value);
      const kind = kinds.find((each) => each.name === name);
      if (!kind) mismatch([...path, tag], name, expected);
      return tagged(kind.name, kind.type.check(value, path));
    },
    write: (to, value) => {
      const place = kinds.findIndex(({ name }) => name === nameIn(value));
      encoding.writeUint8(to, place);
      (kinds[place]!.type as Wire<unknown>).write(to, value);
    },
    read: (from) => {
      const kind = kinds[decoding.readUint8(from)];
      if (!kind) mismatch([tag], "another byte", `the place of ${expected}`);
      return tagged(kind.name, kind.type.read(from));
    },
  });
};

/** Fields in the order of declaration. Unknown fields of a value are dropped; missing ones are an error. */
export const struct = <const S extends Shape>(shape: S): Wire<Fields<S>> & { readonly shape: S } => {
  const fields = Object.entries<Wire<unknown>>(shape);
  // The cast is the one place where a loop over fields meets the mapped type.
  const build = (make: (name: string, type: Wire<unknown>) => unknown): Fields<S> => record(fields, make) as Fields<S>;
  const type = wire<Fields<S>>({
    wire: `struct(${fields.map(([name, type]) => `${name}:${type.wire}`).join(",")})`,
    zero: build((_name, type) => type.zero),
    check: (value, path = []) => {
      if (typeof value !== "object" || value === null)
        mismatch(path, value, `an object with ${fields.map(([name]) => name).join(", ")}`);
      const given = value as Record<string, unknown>;
      return build((name, type) => type.check(Object.hasOwn(given, name) ? given[name] : undefined, [...path, name]));
    },
    write: (to, value) => {
      for (const [name, type] of fields) type.write(to, (value as Record<string, unknown>)[name]);
    },
    read: (from) => build((name, type) => within(name, () => type.read(from))),
  });
  return { ...type, shape };
};

/**
 * An object with one entry a field. Frozen: a cell or a pending input that could be changed in place would change without
 * a trace in the undo log.
 */
function record(
  fields: readonly [string, Wire<unknown>][],
  make: (name: string, type: Wire<unknown>) => unknown,
): Readonly<Record<string, unknown>> {
  const value: Record<string, unknown> = {};
  for (const [name, type] of fields) {
    const made = make(name, type);
    if (made !== undefined) value[name] = made; // what is missing stays missing
  }
  return Object.freeze(value);
}

/** Runs `read`, and says in its error which field it was. */
function within<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) throw new WireError({ ...error.mismatch, path: [name, ...error.mismatch.path] });
    throw error;
  }
}
