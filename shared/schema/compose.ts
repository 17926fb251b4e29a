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
export type Fields<S extends Shape> = { -readonly [K in keyof S]: Out<S[K]> };

export const nullable = <T>(of: Wire<T>): Wire<T | null> =>
  wire<T | null>({
    wire: `nullable(${of.wire})`,
    zero: null,
    check: (value, path = []) => (value === null ? null : of.check(value, path)),
    write: (to, value) => {
      encoding.writeUint8(to, value === null ? 0 : 1);
      if (value !== null) of.write(to, value);
    },
    read: (from) => {
      const byte = decoding.readUint8(from);
      return byte === 0 ? null : byte === 1 ? of.read(from) : mismatch([], byte, "the byte 0 or 1");
    },
  });

/** Fields in the order of declaration. Unknown fields of a value are dropped; missing ones are an error. */
export const struct = <const S extends Shape>(shape: S): Wire<Fields<S>> & { readonly shape: S } => {
  const fields = Object.entries(shape);
  const type = wire<Fields<S>>({
    wire: `struct(${fields.map(([name, type]) => `${name}:${type.wire}`).join(",")})`,
    zero: build(fields, (_name, type) => type.zero),
    check: (value, path = []) => {
      if (typeof value !== "object" || value === null)
        mismatch(path, value, `an object with ${fields.map(([name]) => name).join(", ")}`);
      const given = value as Record<string, unknown>;
      return build(fields, (name, type) => type.check(Object.hasOwn(given, name) ? given[name] : undefined, [...path, name]));
    },
    write: (to, value) => {
      for (const [name, type] of fields) type.write(to, value[name]);
    },
    read: (from) => build(fields, (name, type) => within(name, () => type.read(from))),
  });
  return { ...type, shape };
};

/**
 * An object with one entry a field. Frozen: a cell or a pending input that could be changed in place would change without
 * a trace in the undo log. The cast is the one place where a loop over fields meets the mapped type.
 */
function build<S extends Shape>(
  fields: [string, Wire<unknown>][],
  make: (name: string, type: Wire<unknown>) => unknown,
): Fields<S> {
  const value: Record<string, unknown> = {};
  for (const [name, type] of fields) value[name] = make(name, type);
  return Object.freeze(value) as Fields<S>;
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
