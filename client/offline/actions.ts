/**
 * Keeps the actions of one room that have no answer, so that they outlive their page. The shelf mirrors the outbox: what is
 * made is put there before it is sent, and what is answered is taken away. So a page that dies leaves a session with all that
 * the room may have heard of it, under the numbers that the room knows; and the page that takes it up goes on with it as its own,
 * session and numbers: what ran before is answered, not run again.
 */
import { RoomError } from "../../shared/room/room-error.ts";
import type { Pending } from "../outbox.ts";
import { claimsOf } from "../refresh.ts";
import { nothingKept } from "./database.ts";
import { Leftovers, MADE_ANEW, nameOf, wireOf } from "./leftovers.ts";
import type { ActingPage, KeptActions } from "./offline.ts";
import type { KeptAction, Shelf } from "./shelf.ts";

const NOT_KEPT = { code: "unavailable", reason: "this browser could not keep it, and it was not sent" };

/** A session on the shelf that is this page's, with what is there of it: numbers `from` to below `to`. */
interface Held {
  readonly session: string;
  from: number;
  to: number;
  letGo: (() => void) | undefined;
}

export async function openActions(room: string, page: ActingPage, open: () => Promise<Shelf>): Promise<KeptActions | undefined> {
  page.outbox.mustKeep = true; // from the first one on
  try {
    const keeper = new ActionKeeper(room, page, await open());
    await keeper.begin();
    return keeper;
  } catch (error) {
    page.outbox.mustKeep = false;
    return nothingKept(error);
  }
}

class ActionKeeper implements KeptActions {
  readonly #room: string;
  readonly #page: ActingPage;
  readonly #shelf: Shelf;
  readonly #leftovers: Leftovers;
  /** Whose the actions are; undefined: nobody has ever been here, and nothing is kept. */
  #user: string | undefined;
  /** A token of this page's has said so; until then it is who was last here. */
  #met = false;
  /** The room's life that the actions are for; 0: not known. */
  #epoch = 0;
  #held: Held | undefined;
  /** Of earlier pages, with when they were made; and when this page's own were. */
  readonly #earlier = new WeakSet<Pending>();
  readonly #made = new WeakMap<Pending, Pick<KeptAction, "at" | "epoch">>();
  /** What the shelf is asked for, one thing after the other. */
  #work: Promise<void> | undefined;
  /** `failed`: what is on the shelf is answered under its numbers, and all else goes on under another session. */
  #state: "keeping" | "failed" | "closed" = "keeping";
  #unwatch: () => void = () => {};

  constructor(room: string, page: ActingPage, shelf: Shelf) {
    this.#room = room;
    this.#page = page;
    this.#shelf = shelf;
    this.#leftovers = new Leftovers(room, page, shelf);
  }

  async begin(): Promise<void> {
    this.#unwatch = this.#shelf.onSeen(() => void (this.#met && this.#alone(() => this.#takeUp())));
    await this.#alone(async () => {
      this.#user = await this.#shelf.lastUser();
      await this.#takeUp();
    });
  }

  // ---- what the room tells

  meet(token: string): Promise<void> {
    return this.#alone(async () => {
      const { sub } = claimsOf(token);
      if (typeof sub !== "string") throw new TypeError("the token names no user");
      if (sub !== this.#user) {
        if (this.#user !== undefined) await this.#putAside(this.#user);
        this.#user = sub;
        await this.#shelf.keepLastUser(sub);
      }
      this.#met = true;
      await this.#takeUp();
    });
  }

  welcome(epoch: number): void {
    const before = this.#epoch;
    this.#epoch = epoch;
    if (before !== 0 && before !== epoch)
      for (const pending of this.#page.outbox.clear()) pending.reject(new RoomError("not-found", { reason: MADE_ANEW }));
    const remove = this.#leftovers.tellUnsendable();
    if (remove) void this.#alone(remove);
  }

  changed(): void {
    if (this.#work) return; // it looks again when it is through
    if (this.#state === "failed") this.#withdraw();
    else if (this.#state === "keeping" && this.#isBehind()) void this.#alone(async () => {});
  }

  leave(): boolean {
    const { outbox } = this.#page;
    const user = this.#user;
    if (this.#state !== "keeping" || user === undefined) return false;
    const held = this.#held ?? this.#fresh();
    this.#held = undefined;
    const [first, pending] = [outbox.first, [...outbox.pending]];
    let isKept = false;
    void this.#alone(async () => {
      await this.#mirror(held, user, first, pending);
      isKept = true;
    }).then(() => {
      letGo(held);
      if (isKept) return;
      // It was said to be kept, and could not be; so it has not been sent either.
      for (const [index, each] of pending.entries())
        if (each.kept !== first + index) this.#leftovers.tell(this.#written(held.session, user, first + index, each), NOT_KEPT);
    });
    return true;
  }

  close(): void {
    this.#unwatch();
    void (this.#work ?? Promise.resolve()).then(() => {
      this.#state = "closed";
      if (this.#held) letGo(this.#held);
      this.#leftovers.letGo();
      this.#shelf.close();
    });
  }

  // ---- the shelf

  /** Runs `work` when all before it is through, and brings the shelf up to date behind it. */
  #alone(work: () => Promise<void>): Promise<void> {
    const mine = (this.#work ?? Promise.resolve())
      .then(async () => {
        if (this.#state !== "keeping") return;
        await work();
        await this.#keep();
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        if (this.#work !== mine) return;
        this.#work = undefined;
        this.changed();
      });
    return (this.#work = mine);
  }

  #fresh(): Held {
    return { session: this.#page.session(), from: 1, to: 1, letGo: undefined };
  }

  /** Whether the shelf is not as the outbox is. */
  #isBehind(): boolean {
    const { outbox } = this.#page;
    const held = this.#held;
    const isEmpty = !held || held.from === held.to;
    if (
      !isEmpty &&
      (held.session !== this.#page.session() || held.from !== outbox.first || held.to !== outbox.first + outbox.size)
    )
      return true;
    return this.#user !== undefined && outbox.pending.some(({ kept }, index) => kept !== outbox.first + index);
  }

  async #keep(): Promise<void> {
    const { outbox } = this.#page;
    while (this.#user !== undefined && this.#state === "keeping" && this.#isBehind()) {
      const held = (this.#held ??= this.#fresh());
      const isCurrent = held.session === this.#page.session();
      if (isCurrent) await this.#mirror(held, this.#user, outbox.first, [...outbox.pending]);
      else await this.#mirror(held, this.#user, held.to, []); // the room does not know that session any more: all of it was told
      if (held.from === held.to) {
        letGo(held); // a page at rest holds nothing, and may be put away whole by the browser
        if (this.#held === held) this.#held = undefined;
      }
      this.#page.flush();
      this.#page.changed();
    }
    if (!this.#held) this.#next();
  }

  /** Makes what is on the shelf of a session be these. */
  async #mirror(held: Held, user: string, first: number, pending: readonly Pending[]): Promise<void> {
    const { session } = held;
    const puts = [...pending.entries()]
      .map(([index, each]) => ({ number: first + index, pending: each }))
      .filter(({ number, pending: { kept } }) => kept !== number || number < held.from || number >= held.to);
    const removes: number[] = [];
    for (let number = held.from; number < held.to; number++)
      if (number < first || number >= first + pending.length) removes.push(number);
    if (puts.length + removes.length === 0) return;
    held.letGo ??= await this.#shelf.hold(this.#room, session);
    await this.#shelf.write(
      puts.map(({ number, pending: each }) => this.#written(session, user, number, each)),
      removes.map((number) => [this.#room, session, number]),
    );
    for (const { number, pending: each } of puts) each.kept = number;
    held.from = first;
    held.to = first + pending.length;
  }

  #written(session: string, user: string, number: number, pending: Pending): KeptAction {
    const made = this.#made.get(pending) ?? { at: this.#page.now(), epoch: this.#epoch };
    this.#made.set(pending, made);
    const move = this.#page.game["~rules"].actions[pending.action]!;
    const { bytes, value } = pending;
    return {
      room: this.#room,
      session,
      number,
      user,
      game: nameOf(this.#page.game),
      action: move.name,
      wire: wireOf(move),
      bytes,
      value: storable(value),
      ...made,
    };
  }

  // ---- what earlier pages have left

  async #takeUp(): Promise<void> {
    const session = this.#page.session();
    await this.#leftovers.look(this.#user, this.#epoch, [session, this.#held?.session ?? session]);
    if (!this.#held) this.#next();
  }

  /** Takes up the oldest, before what this page itself has made, where nothing of that is on the shelf yet. */
  #next(): void {
    const left = this.#leftovers.next();
    if (!left) return;
    const { outbox } = this.#page;
    const { session, actions, letGo } = left;
    const first = actions[0]!.number;
    const earlier = actions.map((action) => {
      const pending = this.#leftovers.pendingOf(action);
      this.#earlier.add(pending);
      this.#made.set(pending, { at: action.at, epoch: action.epoch });
      return pending;
    });
    this.#epoch ||= Math.max(...actions.map(({ epoch }) => epoch));
    this.#held = { session, from: first, to: first + actions.length, letGo };
    outbox.begin(first, [...earlier, ...outbox.pending]);
    this.#page.speakAs(session);
    this.#page.changed();
  }

  /** Somebody else is here: what is the former user's stays on the shelf, for when they come back. */
  async #putAside(user: string): Promise<void> {
    const { outbox } = this.#page;
    this.#leftovers.letGo();
    // What this page has made before a token named anybody is theirs who is named first.
    const isTheirs = (pending: Pending): boolean => this.#met || this.#earlier.has(pending);
    const theirs = outbox.pending.filter(isTheirs);
    const held = this.#held ?? this.#fresh();
    await this.#mirror(held, user, outbox.first, theirs);
    letGo(held);
    this.#held = undefined;
    const own = outbox.pending.filter((pending) => !theirs.includes(pending));
    for (const pending of own) pending.kept = undefined;
    outbox.begin(1, own);
    this.#page.speakAs();
    for (const pending of theirs) pending.reject(new RoomError("unanswered", { reason: "it waits for its user to come back" }));
    this.#epoch = 0;
  }

  // ---- storage that fails

  #fail(error: unknown): void {
    nothingKept(error);
    this.#state = "failed";
    this.#leftovers.letGo();
  }

  /** When what is on the shelf has its answers, the page goes on without one. What is not there has never been sent. */
  #withdraw(): void {
    const { outbox } = this.#page;
    if (!outbox.mustKeep || outbox.pending.some(({ kept }, index) => kept === outbox.first + index)) return;
    outbox.mustKeep = false;
    for (const pending of outbox.pending) pending.kept = undefined;
    const held = this.#held;
    if (held && held.from < held.to) {
      const { session, from, to } = held;
      outbox.begin(1, [...outbox.pending]);
      this.#page.speakAs();
      const keys = Array.from({ length: to - from }, (_, index) => [this.#room, session, from + index] as const);
      this.#shelf
        .write([], keys)
        .catch(() => {}) // a later page sends them again then, and is told what they were answered
        .finally(() => letGo(held));
    }
    this.#page.flush();
  }
}

function letGo(held: Held): void {
  held.letGo?.();
  held.letGo = undefined;
}

/** A value as storage takes it: it is only for telling, what is sent are its bytes. */
function storable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return undefined; // it has functions, of a schema that makes such things
  }
}
