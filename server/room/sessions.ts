/**
 * Who has been here and what each session was answered: what makes an action take effect exactly once. A user has one
 * small number (`c.me`) for the room's life; a session has a slot, which journal rows name instead of its long id, the
 * highest action number it used, and its last answers.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { readAnswer, writeAnswer, type Answer, type NumberedAnswer } from "../../shared/protocol/action.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { KEPT_ANSWERS } from "../../shared/protocol/limits.ts";

export interface Session {
  readonly slot: number;
  readonly id: string;
  /** `c.me` of its user. */
  readonly me: number;
  /** The highest action number that took effect or was refused by the rules. */
  highest: number;
  /** The last answers, oldest first. */
  answers: NumberedAnswer[];
  /** When it was last answered, in ms since 1970. */
  lastSeen: number;
}

/** How the sessions of HTTP begin: each is of one call, by its idempotency key, and no socket's may be called so. */
export const HTTP_SESSION = "http:";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of those as many are known, for as long. */
const CALLS = 1000;
const CALLS_KEPT_MS = DAY_MS;
/** A session's highest number is kept for this long after its last answer: what comes later is `session-expired`. */
const MARK_KEPT_MS = 30 * DAY_MS;
/** Its answers for this long, and only of this many sessions, those answered last: what comes later is answered `done`. */
const ANSWERS_KEPT_MS = 14 * DAY_MS;
const ANSWERING_SESSIONS = 2000;

/** What to do with an action of a session: run it, answer it again, or say that something is missing before it. */
export type Admission =
  | { readonly kind: "run" }
  | { readonly kind: "again"; readonly answer: NumberedAnswer }
  | { readonly kind: "gap" }
  | { readonly kind: "expired" };

/** The users' and sessions' section in rows and snapshots. */
export const SESSIONS_SECTION = 1;

export class Sessions {
  /** User id → `c.me`. */
  readonly #users = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();
  readonly #slots = new Map<number, Session>();
  #nextSlot = 0;
  /** Users and sessions that the open group adds. */
  #newUsers: [number, string][] = [];
  #newSessions: Session[] = [];

  /** The id of the session in this slot. */
  idIn(slot: number): string {
    const session = this.#slots.get(slot);
    if (!session) throw new RangeError(`no session was ever in slot ${slot}`);
    return session.id;
  }

  /** The number of a user: a new one is journaled with the open group. */
  me(user: string): number {
    let me = this.#users.get(user);
    if (me === undefined) {
      me = this.#users.size + 1;
      this.#users.set(user, me);
      this.#newUsers.push([me, user]);
    }
    return me;
  }

  /** Whether a user has this number; one that was given in a group that was lost, nobody has, or somebody else by now. */
  has(me: number, user: string): boolean {
    return this.#users.get(user) === me;
  }

  /** Whether a session is another user's. One that nobody has used is nobody's. */
  isOfAnother(session: string, user: string): boolean {
    const owner = this.#sessions.get(session)?.me;
    return owner !== undefined && owner !== this.#users.get(user);
  }

  admit(id: string, me: number, number: number, seq: number): Admission {
    const session = this.#sessions.get(id);
    if (!session) return { kind: number === 1 ? "run" : "expired" };
    if (session.me !== me) return { kind: "expired" }; // two users named the same new session: it is the first one's
    if (number === session.highest + 1) return { kind: "run" };
    if (number > session.highest) return { kind: "gap" };
    const kept = session.answers.find((answer) => answer.number === number);
    return { kind: "again", answer: kept ?? { number, seq, answer: { kind: "broke", code: "done" } } };
  }

  /** `number` of the session in `slot` is used up, with this answer, in row `seq` of time `at`. */
  answered(slot: number, number: number, seq: number, at: number, answer: Answer): void {
    const session = this.#slots.get(slot);
    if (!session) throw new RangeError(`answer for session slot ${slot}, which was never opened`);
    session.highest = number;
    session.lastSeen = at;
    session.answers.push({ number, seq, answer });
    if (session.answers.length > KEPT_ANSWERS) session.answers.shift();
  }

  /** The slot of a session: a new one is journaled with the open group. */
  slot(id: string, me: number): number {
    const known = this.#sessions.get(id);
    if (known) return known.slot;
    const session: Session = { slot: this.#nextSlot, id, me, highest: 0, answers: [], lastSeen: 0 };
    this.#add(session);
    this.#newSessions.push(session);
    return session.slot;
  }

  #add(session: Session): void {
    this.#sessions.set(session.id, session);
    this.#slots.set(session.slot, session);
    this.#nextSlot = Math.max(this.#nextSlot, session.slot + 1);
  }

  /** What the open group adds, for its row; undefined for nothing. */
  collect(): Uint8Array | undefined {
    const [users, sessions] = [this.#newUsers, this.#newSessions];
    if (users.length === 0 && sessions.length === 0) return undefined;
    this.#newUsers = [];
    this.#newSessions = [];
    return encode((to) => {
      writeUsers(to, users);
      encoding.writeVarUint(to, sessions.length);
      for (const session of sessions) writeSession(to, session);
    });
  }

  /** Applies what `collect` made. */
  replay(from: Decoder): void {
    for (const [me, user] of readUsers(from)) this.#users.set(user, me);
    for (let left = decoding.readVarUint(from); left > 0; left--) this.#add(readSession(from));
  }

  /** Forgets what is too old to be asked for: memory and snapshots hold who has been here lately, not who ever was. */
  forget(now: number): void {
    const known = [...this.#slots.values()].sort((a, b) => b.lastSeen - a.lastSeen);
    let calls = 0;
    for (const [nth, session] of known.entries()) {
      const age = now - session.lastSeen;
      const isCall = session.id.startsWith(HTTP_SESSION);
      if (isCall && (++calls > CALLS || age > CALLS_KEPT_MS)) {
        this.#drop(session);
        continue;
      }
      if (age > ANSWERS_KEPT_MS || nth >= ANSWERING_SESSIONS) session.answers = [];
      if (age <= MARK_KEPT_MS) continue;
      this.#drop(session);
    }
  }

  #drop({ slot, id }: Session): void {
    this.#slots.delete(slot);
    this.#sessions.delete(id);
  }

  snapshot(): Uint8Array {
    return encode((to) => {
      writeUsers(
        to,
        [...this.#users].map(([user, me]) => [me, user]),
      );
      encoding.writeVarUint(to, this.#nextSlot);
      encoding.writeVarUint(to, this.#slots.size);
      for (const session of this.#slots.values()) {
        writeSession(to, session);
        encoding.writeVarUint(to, session.highest);
        encoding.writeVarUint(to, session.lastSeen);
        encoding.writeVarUint(to, session.answers.length);
        for (const { number, seq, answer } of session.answers) {
          encoding.writeVarUint(to, number);
          encoding.writeVarUint(to, seq);
          writeAnswer(to, answer);
        }
      }
    });
  }

  /** Takes a snapshot's place: forgets everything else. */
  restore(from: Decoder | undefined): void {
    this.#users.clear();
    this.#sessions.clear();
    this.#slots.clear();
    this.#nextSlot = 0;
    this.#newUsers = [];
    this.#newSessions = [];
    if (!from) return;
    for (const [me, user] of readUsers(from)) this.#users.set(user, me);
    this.#nextSlot = decoding.readVarUint(from);
    for (let left = decoding.readVarUint(from); left > 0; left--) {
      const session = readSession(from);
      session.highest = decoding.readVarUint(from);
      session.lastSeen = decoding.readVarUint(from);
      for (let kept = decoding.readVarUint(from); kept > 0; kept--)
        session.answers.push({ number: decoding.readVarUint(from), seq: decoding.readVarUint(from), answer: readAnswer(from) });
      this.#add(session);
    }
  }
}

function writeUsers(to: Encoder, users: [number, string][]): void {
  encoding.writeVarUint(to, users.length);
  for (const [me, user] of users) {
    encoding.writeVarUint(to, me);
    encoding.writeVarString(to, user);
  }
}

function readUsers(from: Decoder): [number, string][] {
  return Array.from({ length: decoding.readVarUint(from) }, () => [decoding.readVarUint(from), decoding.readVarString(from)]);
}

function writeSession(to: Encoder, { slot, me, id }: Session): void {
  encoding.writeVarUint(to, slot);
  encoding.writeVarUint(to, me);
  encoding.writeVarString(to, id);
}

function readSession(from: Decoder): Session {
  return {
    slot: decoding.readVarUint(from),
    me: decoding.readVarUint(from),
    id: decoding.readVarString(from),
    highest: 0,
    answers: [],
    lastSeen: 0,
  };
}
