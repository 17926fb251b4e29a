/**
 * Keeps the actions of one room that have no answer, so that they outlive their page. The shelf mirrors the outbox: what is
 * made is put there before it is sent, and what is answered is taken away. So a page that dies leaves a session with all that
 * the room may have heard of it, under the numbers that the room knows; and the page that takes it up goes on with it as its own,
 * session and numbers: what ran before is answered, not run again.
 */
import { RoomError, type RoomErrorDetails } from "../../shared/room/room-error.ts";
import type { Pending } from "../outbox.ts";
import { claimsOf } from "../refresh.ts";
import { nothingKept } from "./database.ts";
import type { ActingPage, KeptActions } from "./offline.ts";
import type { KeptAction, Shelf } from "./shelf.ts";

/** What has waited longer is not sent, in ms: a room knows a session for longer than that, but not for ever. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
/** What another user has left is forgotten when nobody has come back for it in this time, in ms. */
const FORGOTTEN_MS = 90 * 24 * 60 * 60 * 1000;
/** Errors that say nothing of what became of an action: it is on the shelf still, or took effect. */
const NO_REFUSALS = new Set(["done", "destroyed", "disconnected", "unanswered"]);

/** A session on the shelf that is this page's, with what is there of it: numbers `from` to below `to`. */
interface Held {
  readonly session: string;
  from: number;
  to: number;
  letGo: (() => void) | undefined;
}

/** One that a closed page has left. */
interface Found {
  readonly session: string;
  readonly actions: readonly KeptAction[];
  readonly letGo: () => void;
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
  readonly #game: string;
  /** Whose the actions are; undefined: nobody has ever been here, and nothing is kept. */
  #user: string | undefined;
  /** A token of this page's has said so; until then it is who was last here. */
  #met = false;
  /** The room's life that the actions are for; 0: not known. */
  #epoch = 0;
  #held: Held | undefined;
  /** Left by closed pages, and yet to be taken up. */
  #found: Found[] = [];
  /** Left by closed pages, and never to be sent: told once the room has let this page in. */
  #unsendable: [Found, RoomErrorDetails & { code: string }][] = [];
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
    this.#game = `${page.game.name}/${page.game.version}`;
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
    const unsendable = this.#unsendable.splice(0);
    if (unsendable.length === 0) return;
    for (const [{ actions }, { code, ...details }] of unsendable) for (const action of actions) this.#tell(action, code, details);
    void this.#alone(async () => {
      for (const [{ session, actions, letGo }] of unsendable) {
        await this.#shelf.write(
          [],
          actions.map(({ number }) => [this.#room, session, number]),
        );
        letGo();
      }
    });
  }

  changed(): void {
    if (this.#work) return; // it looks again when it is through
    if (this.#state === "failed") this.#withdraw();
    else if (this.#state === "keeping" && this.#isBehind()) void this.#alone(async () => {});
  }

  leave(): boolean {
    const { outbox } = this.#page;
    const held = (this.#held ??= this.#fresh());
    const user = this.#user;
    if (this.#state !== "keeping" || user === undefined) return false;
    this.#held = undefined;
    const [first, pending] = [outbox.first, [...outbox.pending]];
    void this.#alone(async () => {
      await this.#mirror(held, user, first, pending);
      letGo(held);
    });
    return true;
  }

  close(): void {
    this.#unwatch();
    void (this.#work ?? Promise.resolve()).then(() => {
      this.#state = "closed";
      if (this.#held) letGo(this.#held);
      this.#letGoOfFound();
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
    const { name, input } = this.#page.game["~rules"].actions[pending.action]!;
    const { bytes, value } = pending;
    return {
      room: this.#room,
      session,
      number,
      user,
      game: this.#game,
      action: name,
      wire: input?.wire ?? "",
      bytes,
      value,
      ...made,
    };
  }

  // ---- what earlier pages have left

  async #takeUp(): Promise<void> {
    await this.#look();
    if (!this.#held) this.#next();
  }

  /** Holds what closed pages of this user have left: a session at a time is one page's. */
  async #look(): Promise<void> {
    const known = new Set([this.#page.session(), this.#held?.session, ...this.#found.map(({ session }) => session)]);
    for (const [{ session }] of this.#unsendable) known.add(session);
    const held = new Map<string, () => void>();
    const all = await this.#shelf.read(this.#room);
    const forgotten = all.filter(({ user, at }) => user !== this.#user && at < this.#page.now() - FORGOTTEN_MS);
    if (forgotten.length > 0)
      await this.#shelf.write(
        [],
        forgotten.map(({ session, number }) => [this.#room, session, number]),
      );
    for (const { session, user } of all) {
      if (user !== this.#user || known.has(session)) continue;
      known.add(session);
      const letGo = await this.#shelf.holdIfFree(this.#room, session);
      if (letGo) held.set(session, letGo);
    }
    if (held.size === 0) return;
    // Once more: until they were held they were another page's to change.
    const left = Map.groupBy(await this.#shelf.read(this.#room), ({ session }) => session);
    for (const [session, letGo] of held) {
      const actions = left.get(session);
      if (!actions) {
        letGo();
        continue;
      }
      const found = { session, actions, letGo };
      const why = this.#unsendableFor(actions);
      if (why) this.#unsendable.push([found, why]);
      else this.#found.push(found);
    }
    this.#found.sort((a, b) => a.actions[0]!.at - b.actions[0]!.at);
  }

  /** All of a session or nothing: what follows rests on what came before, and its numbers too. */
  #unsendableFor(actions: readonly KeptAction[]): (RoomErrorDetails & { code: string }) | undefined {
    const moves = this.#page.game["~rules"].actions;
    const isKnown = ({ action, wire }: KeptAction): boolean =>
      moves.some(({ name, input }) => name === action && (input?.wire ?? "") === wire);
    const other = actions.find((action) => action.game !== this.#game || !isKnown(action));
    if (other)
      return {
        code: "version",
        reason: "it was made by another version of the page",
        received: other.game,
        expected: this.#game,
      };
    if (actions.some(({ at }) => at < this.#page.now() - KEPT_MS))
      return { code: "session-expired", reason: "it, or what it follows, was made more than 14 days ago" };
    if (this.#epoch !== 0 && actions.some(({ epoch }) => epoch !== 0 && epoch !== this.#epoch))
      return { code: "not-found", reason: MADE_ANEW };
    return undefined;
  }

  /** Takes up the oldest, before what this page itself has made, where nothing of that is on the shelf yet. */
  #next(): void {
    const found = this.#found.shift();
    if (!found) return;
    const { outbox } = this.#page;
    const { session, actions, letGo } = found;
    const first = actions[0]!.number;
    this.#epoch ||= Math.max(...actions.map(({ epoch }) => epoch));
    this.#held = { session, from: first, to: first + actions.length, letGo };
    outbox.begin(first, [...actions.map((action) => this.#asPending(action)), ...outbox.pending]);
    this.#page.speakAs(session);
    this.#page.changed();
  }

  #asPending(kept: KeptAction): Pending {
    const pending: Pending = {
      action: this.#page.game["~rules"].actions.findIndex(({ name }) => name === kept.action),
      value: kept.value,
      bytes: kept.bytes,
      kept: kept.number,
      resolve() {},
      reject: (error) => {
        if (error instanceof RoomError && !NO_REFUSALS.has(error.code)) this.#tell(kept, error.code, error);
      },
    };
    this.#earlier.add(pending);
    this.#made.set(pending, { at: kept.at, epoch: kept.epoch });
    return pending;
  }

  #tell({ action: name, value: input, at }: KeptAction, code: string, { reason, received, expected }: RoomErrorDetails): void {
    const error = new RoomError(code, { reason, received, expected, action: { name, input, at } });
    if (!this.#page.error(error)) console.warn(`coterie: ${name} was made before this page was opened, and refused`, error);
  }

  /** Somebody else is here: what is the former user's stays on the shelf, for when they come back. */
  async #putAside(user: string): Promise<void> {
    const { outbox } = this.#page;
    this.#letGoOfFound();
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
    this.#page.speakAs(crypto.randomUUID());
    for (const pending of theirs) pending.reject(new RoomError("unanswered", { reason: "it waits for its user to come back" }));
    this.#epoch = 0;
  }

  #letGoOfFound(): void {
    for (const { letGo } of [...this.#found, ...this.#unsendable.map(([found]) => found)]) letGo();
    this.#found = [];
    this.#unsendable = [];
  }

  // ---- storage that fails

  #fail(error: unknown): void {
    nothingKept(error);
    this.#state = "failed";
    this.#letGoOfFound();
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
      this.#page.speakAs(crypto.randomUUID());
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

const MADE_ANEW = "the room was deleted and made anew";
