/**
 * A wire type is a Standard Schema (https://standardschema.dev) and a binary codec at once: one declaration gives the
 * static type, the validation and the bytes. `t.*` makes them; nothing else in the house invents a format of its own.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Decoder } from "lib0/decoding";
import type { Encoder } from "lib0/encoding";
import { RoomError } from "../room/room-error.ts";

/** What went wrong with one value: where it sits, what came, what was expected. */
export interface Mismatch {
  readonly path: readonly string[];
  readonly received: string;
  readonly expected: string;
}

/** A value does not fit its type. The message says where, what was received and what was expected. */
export class WireError extends RoomError<"bad-input"> {
  override readonly name = "WireError";
  readonly mismatch: Mismatch;
  constructor(mismatch: Mismatch) {
    const { path, received, expected } = mismatch;
    const reason = `${path.join(".") || "value"}: received ${received}, expected ${expected}`;
    super("bad-input", { reason, received, expected });
    this.mismatch = mismatch;
  }
}

/** `wire` names the type, fully: two types with the same name have the same bytes. */
export interface Wire<T> extends StandardSchemaV1<T, T> {
  readonly wire: string;
  /** What a field of this type starts as: 0, false, "", null. */
  readonly zero: T;
  /** Throws {@link WireError} unless `value` fits; returns it as it can be written: stripped of unknown fields. */
  check(value: unknown, path?: readonly string[]): T;
  /** `value` must have passed `check`. */
  write(to: Encoder, value: T): void;
  /** Reads what `write` wrote and checks it: bytes come from strangers. Throws on a bad value and on a short buffer. */
  read(from: Decoder): T;
}

/** Names a received value in an error: its type, and the value itself where that is short. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

export function mismatch(path: readonly string[], value: unknown, expected: string): never {
  throw new WireError({ path, received: describe(value), expected });
}

/** Completes a codec into a wire type: adds the Standard Schema side. */
export function wire<T>(codec: Pick<Wire<T>, "wire" | "zero" | "check" | "write" | "read">): Wire<T> {
  return {
    ...codec,
    "~standard": {
      version: 1,
      vendor: "coterie",
      validate(value) {
        try {
          return { value: codec.check(value) };
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          return { issues: [{ message: error.reason, path: error.mismatch.path }] };
        }
      },
    },
  };
}
