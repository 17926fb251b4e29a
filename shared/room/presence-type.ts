/** The declared presence of a room: whole, and as changes of single fields, since a cursor moves far more often than a name. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { encode } from "../protocol/frame.ts";
import { MAX_PRESENCE_BYTES } from "../protocol/limits.ts";
import { struct, type Shape } from "../schema/compose.ts";
import { describe, type Wire, WireError } from "../schema/wire.ts";

/** A mask is a 31-bit number. */
const MAX_FIELDS = 31;

function within(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_PRESENCE_BYTES)
    throw new WireError({ path: ["presence"], received: `${bytes.length} bytes`, expected: `at most ${MAX_PRESENCE_BYTES}` });
  return bytes;
}

export class PresenceType<P> {
  readonly type: Wire<P>;
  readonly #fields: readonly (readonly [string, Wire<unknown>])[];

  constructor(room: string, declared: Wire<P> | undefined) {
    const type = declared ?? struct({});
    if (!("shape" in type)) throw new TypeError(`${room}: presence is ${type.wire}, expected t.struct({…})`);
    this.type = type as unknown as Wire<P>;
    this.#fields = Object.entries(type.shape as Shape);
    if (this.#fields.length > MAX_FIELDS)
      throw new RangeError(`${room}: presence has ${this.#fields.length} fields, expected at most ${MAX_FIELDS}`);
  }

  /** The whole presence as bytes; throws WireError when a field is missing or does not fit, or all of it is too long. */
  bytes(presence: unknown): Uint8Array {
    const checked = this.type.check(presence);
    return within(encode((to) => this.type.write(to, checked)));
  }

  /** Reads a whole presence from bytes. */
  from(bytes: Uint8Array): P {
    return this.type.read(decoding.createDecoder(bytes));
  }

  /** Checks a patch: returns its mask and its values. */
  patch(patch: Partial<P>): { mask: number; values: Record<string, unknown> } {
    let mask = 0;
    const values: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(patch)) {
      const index = this.#fields.findIndex(([field]) => field === name);
      if (index === -1)
        throw new WireError({
          path: [name],
          received: describe(value),
          expected: `one of ${this.#fields.map(([field]) => field).join(", ")}`,
        });
      values[name] = this.#fields[index]![1].check(value, [name]);
      mask |= 1 << index;
    }
    return { mask, values };
  }

  /** `varUint(mask) value*`: the fields of `presence` that `mask` names. */
  writeChange(to: Encoder, mask: number, presence: P): void {
    encoding.writeVarUint(to, mask);
    this.#fields.forEach(([name, type], index) => {
      if (mask & (1 << index)) type.write(to, (presence as Record<string, unknown>)[name]);
    });
  }

  /** Reads a change: the mask, and `presence` with it applied. */
  readChange(from: Decoder, presence: P): { mask: number; presence: P } {
    const mask = decoding.readVarUint(from);
    if (mask >= 2 ** this.#fields.length)
      throw new RangeError(`presence has ${this.#fields.length} fields, received the mask ${mask}`);
    const next: Record<string, unknown> = { ...(presence as object) };
    this.#fields.forEach(([name, type], index) => {
      if (mask & (1 << index)) next[name] = type.read(from);
    });
    return { mask, presence: next as P };
  }
}
