/** What holds a call of an action, whoever makes it: its scope, its declared rate, an input that is whole, a value that can be kept. */
import * as decoding from "lib0/decoding";
import { Bucket } from "../../../shared/bucket.ts";
import type { ActionMove } from "../../../shared/game/define-game.ts";
import { MAX_ANSWER_BYTES } from "../../../shared/protocol/limits.ts";
import type { Connection, Scope } from "../../room/connections.ts";
import { Refusal } from "../part.ts";

/** Throws where an action takes a scope that the token has not. */
export function checkScope({ name, scope }: ActionMove, scopes: readonly Scope[]): void {
  if (scope && !scopes.includes(scope))
    throw new Refusal("forbidden", `${name}: the token does not allow it, which takes the scope ${scope}`);
}

/** An action's input, which must fill its bytes exactly. */
export function readWhole(move: ActionMove, bytes: Uint8Array): unknown {
  const from = decoding.createDecoder(bytes);
  const value = move.input?.read(from);
  if (decoding.hasContent(from)) throw new Refusal("bad-input", `${move.name}: ${bytes.length - from.pos} bytes after its input`);
  return value;
}

/** An action's value as JSON; thrown out when it is none, or too long to keep. */
export function jsonOf(value: unknown): string {
  const json = JSON.stringify(value) ?? "";
  if (json.length > MAX_ANSWER_BYTES)
    throw new RangeError(`the action returned ${json.length} characters of JSON, expected at most ${MAX_ANSWER_BYTES}`);
  return json;
}

/** Action → how much is left of its declared rate. */
type Buckets = Map<number, Bucket>;

/** How often each may be called: by each connection, and by each user (`c.me`) who calls without one. */
export class ActionRates {
  readonly #now: () => number;
  readonly #connections = new WeakMap<Connection, Buckets>();
  readonly #users = new Map<number, Buckets>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws Refusal where it is too often. */
  take(who: Connection | number, { name, number, rate }: ActionMove): void {
    if (rate === undefined) return;
    const buckets = this.#of(who);
    const bucket = buckets.get(number) ?? new Bucket(rate);
    buckets.set(number, bucket);
    if (!bucket.take(this.#now())) throw new Refusal("rate-limited", `${name}: more than ${rate} calls a second`);
  }

  #of(who: Connection | number): Buckets {
    const known = typeof who === "number" ? this.#users.get(who) : this.#connections.get(who);
    const buckets = known ?? new Map<number, Bucket>();
    if (typeof who === "number") this.#users.set(who, buckets);
    else this.#connections.set(who, buckets);
    return buckets;
  }
}
