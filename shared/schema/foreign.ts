/**
 * Any other Standard Schema (zod, valibot, …) as a wire type: the value it takes travels as JSON, and what it makes of that
 * is what is read. So a schema that transforms does it once, and both sides from the same bytes. For inputs that are rare.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { describe, wire, WireError, type Wire } from "./wire.ts";

export function isWire(schema: StandardSchemaV1): schema is Wire<unknown> {
  return "wire" in schema && typeof schema.wire === "string";
}

export function foreign(schema: StandardSchemaV1): Wire<unknown> {
  const validate = (value: unknown, path: readonly string[] = []): unknown => {
    const result = schema["~standard"].validate(value);
    if (result instanceof Promise)
      throw new TypeError(`the schema of ${schema["~standard"].vendor} validates asynchronously; actions need one that does not`);
    if (!result.issues) return result.value;
    const [issue] = result.issues;
    const keys = (issue?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
    throw new WireError({
      path: [...path, ...keys],
      received: describe(value),
      expected: issue?.message ?? "a value the schema accepts",
    });
  };
  return wire({
    wire: `json(${schema["~standard"].vendor})`,
    zero: null,
    check: (value, path) => {
      validate(value, path);
      return value;
    },
    write: (to, value) => encoding.writeVarString(to, JSON.stringify(value) ?? ""), // "" is `undefined`
    read: (from) => {
      const json = decoding.readVarString(from);
      return validate(json === "" ? undefined : JSON.parse(json));
    },
  });
}
