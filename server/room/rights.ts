/**
 * Who was told to stay away: users, and single tokens, for as long as what was issued before could count. On the agenda,
 * so that nobody comes back in because the object has slept.
 */
import { Refusal } from "../parts/part.ts";
import type { Agenda } from "./agenda.ts";
import type { Facts, Scope } from "./connections.ts";

/** How the agenda names who was revoked: what stands there is when that was. */
const NAME = "revoked:";
/** No token counts for longer, in ms: a day (server/edge/keys.ts), and the difference of two clocks. */
const KEPT_MS = 25 * 60 * 60 * 1000;
/** The clock of whoever signs may be ahead by this much, in ms (server/edge/keys.ts): what it issued before may say that it was after. */
const AHEAD_MS = 60_000;
/** What many are revoked for is a change of keys. */
const MAX_REVOKED = 1000;

export type Revoked = { readonly user: string } | { readonly token: string };

export class Rights {
  readonly #agenda: Agenda;
  readonly #now: () => number;

  constructor(agenda: Agenda, now: () => number) {
    this.#agenda = agenda;
    this.#now = now;
  }

  /**
   * A user's tokens that were issued until now, or one token by its `jti`, open this room no more. For a minute nobody can tell a
   * user's new token from an old one: both are refused. Throws Refusal.
   */
  revoke(which: Revoked): void {
    const now = this.#now();
    let known = 0;
    for (const [name, at] of [...this.#agenda])
      if (name.startsWith(NAME)) {
        if (at < now - KEPT_MS) this.#agenda.set(name, undefined);
        else known++;
      }
    if (known >= MAX_REVOKED)
      throw new Refusal("overloaded", `${known} are revoked in this room, expected at most ${MAX_REVOKED}`);
    if (this.#agenda.set(nameOf(which), now)) return;
    this.#agenda.drop(nameOf(which));
    throw new Refusal("unavailable", "the revocation could not be stored");
  }

  /** What must outlast the room: it may be made anew while those tokens count. */
  get all(): readonly (readonly [name: string, at: number])[] {
    return [...this.#agenda].filter(([name]) => name.startsWith(NAME));
  }

  isRevoked({ user, tokenId, issuedAt = 0 }: Facts): boolean {
    const since = this.#agenda.get(nameOf({ user: user.id }));
    if (since !== undefined && issuedAt <= since + AHEAD_MS) return true;
    return tokenId !== undefined && this.#agenda.get(nameOf({ token: tokenId })) !== undefined;
  }
}

const nameOf = (which: Revoked): string => NAME + ("user" in which ? `user:${which.user}` : `token:${which.token}`);

/** Whether a socket that came in with the first may stay as it is with the second: who may write has another welcome. */
export const staysIn = (before: readonly Scope[], after: readonly Scope[]): boolean =>
  before.every((scope) => after.includes(scope)) && before.includes("write") === after.includes("write");
