/**
 * What tokens are still worth once their sockets are open: when they end, that they were renewed, and who was told to stay
 * away: users, and single tokens, for as long as what was issued before could count. That lies on the agenda, so that nobody
 * comes back in because the object has slept.
 */
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import { LEEWAY_S, MAX_LIFE_S } from "../auth/token.ts";
import { Refusal } from "../parts/part.ts";
import type { Agenda } from "./agenda.ts";
import type { Alarms, Task } from "./alarms.ts";
import type { Attachments } from "./attachments.ts";
import type { Connection, Connections, Facts, Scope } from "./connections.ts";

/** How the agenda names who was revoked: what stands there is when that was. */
const NAME = "revoked:";
/** No token counts for longer, in ms: as long as it lives, and an hour more, which no two clocks differ by. */
const KEPT_MS = (MAX_LIFE_S + 60 * 60) * 1000;
/** The clock of whoever signs may be ahead by this much, in ms: what it issued before may say that it was after. */
const AHEAD_MS = LEEWAY_S * 1000;
/** What many are revoked for is a change of keys. */
const MAX_REVOKED = 1000;

export type Revoked = { readonly user: string } | { readonly token: string };

export interface RightsHost {
  readonly agenda: Agenda;
  readonly alarms: Alarms;
  readonly connections: Connections;
  readonly attachments: Attachments;
  now(): number;
  close(connection: Connection, code: CloseCode, reason: string): void;
}

export class Rights implements Task {
  readonly #host: RightsHost;
  /** When the first token ends, in ms since 1970. */
  #due: number | undefined;

  constructor(host: RightsHost) {
    this.#host = host;
  }

  // ---- until when

  /** Whose token ends goes, also when nothing happens then. */
  watch({ facts: { expiresAt } }: Connection): void {
    if (!Number.isSafeInteger(expiresAt + 1)) return; // it does not end
    this.#due = Math.min(this.#due ?? Infinity, expiresAt + 1);
  }

  due(): number | undefined {
    return this.#due;
  }

  /** Who is to go now, the room sees whenever its alarm rings: it is looked who is next. */
  ring(now: number): void {
    this.#due = undefined;
    for (const connection of this.#host.connections) if (connection.facts.expiresAt >= now) this.watch(connection);
  }

  /**
   * A new token of a user whose sockets are open, all or the one of this id. One that it lets stay as it is goes on; one that may
   * do something else now is closed, to come anew with it. Returns how many there are.
   */
  refresh(facts: Facts, id?: number): number {
    const { connections, alarms, close } = this.#host;
    const theirs = [...connections].filter(
      (connection) => connection.facts.user.id === facts.user.id && (id ?? connection.id) === connection.id,
    );
    for (const connection of theirs)
      if (staysIn(connection.facts.scopes, facts.scopes)) this.#renew(connection, facts);
      else close(connection, 4401, "the new token allows something else");
    alarms.arm();
    return theirs.length;
  }

  /** What the token says, and nothing else; whether one may make this room was decided when it came. */
  #renew(connection: Connection, { scopes, expiresAt, issuedAt, tokenId }: Facts): void {
    connection.facts = {
      ...connection.facts,
      scopes: scopes.filter((scope) => scope !== "create" || connection.facts.scopes.includes(scope)),
      expiresAt,
      ...(issuedAt && { issuedAt }),
      ...(tokenId && { tokenId }),
    };
    this.#host.attachments.renewed(connection);
    this.watch(connection);
  }

  // ---- whether at all

  /**
   * A user's tokens that were issued until now, or one token by its `jti`, open this room no more, and its sockets are closed:
   * returns how many there were. For a minute nobody can tell a user's new token from an old one: both are refused. Throws Refusal.
   */
  revoke(which: Revoked): number {
    const { connections, close } = this.#host;
    this.#keep(which);
    const theirs = [...connections].filter(({ facts }) => this.isRevoked(facts));
    for (const connection of theirs) close(connection, 4410, "the token was revoked");
    return theirs.length;
  }

  #keep(which: Revoked): void {
    const { agenda } = this.#host;
    const now = this.#host.now();
    let known = 0;
    for (const [name, at] of this.all)
      if (at < now - KEPT_MS) agenda.set(name, undefined);
      else known++;
    if (known >= MAX_REVOKED)
      throw new Refusal("overloaded", `${known} are revoked in this room, expected at most ${MAX_REVOKED}`);
    if (agenda.set(nameOf(which), now)) return;
    agenda.drop(nameOf(which));
    throw new Refusal("unavailable", "the revocation could not be stored");
  }

  /** What must outlast the room: it may be made anew while those tokens count. */
  get all(): readonly (readonly [name: string, at: number])[] {
    return [...this.#host.agenda].filter(([name]) => name.startsWith(NAME));
  }

  isRevoked({ user, tokenId, issuedAt = 0 }: Facts): boolean {
    const { agenda } = this.#host;
    const since = agenda.get(nameOf({ user: user.id }));
    if (since !== undefined && issuedAt <= since + AHEAD_MS) return true;
    return tokenId !== undefined && agenda.get(nameOf({ token: tokenId })) !== undefined;
  }
}

const nameOf = (which: Revoked): string => NAME + ("user" in which ? `user:${which.user}` : `token:${which.token}`);

/** Whether a socket that came in with the first may stay as it is with the second: who may write has another welcome. */
const staysIn = (before: readonly Scope[], after: readonly Scope[]): boolean =>
  before.every((scope) => after.includes(scope)) && before.includes("write") === after.includes("write");
