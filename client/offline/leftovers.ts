/**
 * What closed pages have left of one room: found, held so that no other page takes it as well, judged, and told of where it
 * cannot be sent any more.
 */
import { createDecoder } from "lib0/decoding";
import { RoomError, type RoomErrorDetails } from "../../shared/room/room-error.ts";
import type { Pending } from "../outbox.ts";
import type { ActingPage } from "./offline.ts";
import type { KeptAction, Shelf } from "./shelf.ts";

/** What has waited longer is not sent, in ms: a room knows a session for longer than that, but not for ever. */
const SENT_WITHIN_MS = 14 * 24 * 60 * 60 * 1000;
/** What another user has left is forgotten when nobody has come back for it in this time, in ms. */
const FORGOTTEN_AFTER_MS = 90 * 24 * 60 * 60 * 1000;
/** Errors that say nothing of what became of an action: it is on the shelf still, or took effect. */
const NO_REFUSALS = new Set(["done", "destroyed", "disconnected", "unanswered"]);

export const MADE_ANEW = "the room was deleted and made anew";

/** A session whose page is gone, and what it left, in order. */
export interface Left {
  readonly session: string;
  readonly actions: readonly KeptAction[];
  readonly letGo: () => void;
}

interface Unsendable extends Left {
  readonly why: RoomErrorDetails & { readonly code: string };
}

/** What a page's actions are for: a game of this name and version. */
export const nameOf = ({ name, version }: ActingPage["game"]): string => `${name}/${version}`;

/** The name of what an action takes; empty where it takes nothing. */
export const wireOf = ({ input }: ActingPage["game"]["~rules"]["actions"][number]): string => input?.wire ?? "";

export class Leftovers {
  readonly #room: string;
  readonly #page: ActingPage;
  readonly #shelf: Shelf;
  /** Yet to be taken up, the oldest first. */
  #found: Left[] = [];
  #unsendable: Unsendable[] = [];

  constructor(room: string, page: ActingPage, shelf: Shelf) {
    this.#room = room;
    this.#page = page;
    this.#shelf = shelf;
  }

  /** Looks for what pages of this user have left, for this life of the room (0: not known), but for the page's own sessions. */
  async look(user: string | undefined, epoch: number, own: readonly string[]): Promise<void> {
    const known = new Set([...own, ...[...this.#found, ...this.#unsendable].map(({ session }) => session)]);
    const all = await this.#shelf.read(this.#room);
    await this.#remove(all.filter((action) => action.user !== user && action.at < this.#page.now() - FORGOTTEN_AFTER_MS));
    const held = new Map<string, () => void>();
    for (const action of all) {
      if (action.user !== user || known.has(action.session)) continue;
      known.add(action.session);
      const letGo = await this.#shelf.holdIfFree(this.#room, action.session);
      if (letGo) held.set(action.session, letGo);
    }
    if (held.size === 0) return;
    // Once more: until they were held they were another page's to change.
    const bySession = Map.groupBy(await this.#shelf.read(this.#room), ({ session }) => session);
    for (const [session, letGo] of held) {
      const actions = bySession.get(session);
      if (!actions) {
        letGo();
        continue;
      }
      const why = this.#whyNot(actions, epoch);
      if (why) this.#unsendable.push({ session, actions, letGo, why });
      else this.#found.push({ session, actions, letGo });
    }
    this.#found.sort((a, b) => a.actions[0]!.at - b.actions[0]!.at);
  }

  /** The next to be taken up: it is the caller's to let go. */
  next(): Left | undefined {
    return this.#found.shift();
  }

  /** As it stands in an outbox. Its promise is gone: what it would have been rejected with is told as an error of the room's. */
  pendingOf(kept: KeptAction): Pending {
    return {
      ...this.#read(kept)!,
      bytes: kept.bytes,
      kept: kept.number,
      resolve() {},
      reject: (error) => {
        if (error instanceof RoomError && !NO_REFUSALS.has(error.code)) this.tell(kept, error);
      },
    };
  }

  /** Tells of what cannot be sent any more; returns what takes it off the shelf; undefined: there is nothing. */
  tellUnsendable(): (() => Promise<void>) | undefined {
    const told = this.#unsendable.splice(0);
    if (told.length === 0) return undefined;
    for (const { actions, why } of told) for (const action of actions) this.tell(action, why);
    return async () => {
      await this.#remove(told.flatMap(({ actions }) => actions));
      for (const { letGo } of told) letGo();
    };
  }

  /** As an error of the room's, or on the console where nobody listens. */
  tell({ action: name, value: input, at }: KeptAction, why: Unsendable["why"]): void {
    const { code, reason, received, expected } = why;
    const error = new RoomError(code, { reason, received, expected, action: { name, input, at } });
    if (!this.#page.error(error)) console.warn(`coterie: ${name} was made before this page was opened, and is not saved`, error);
  }

  /** Leaves all of it to others. */
  letGo(): void {
    for (const { letGo } of [...this.#found, ...this.#unsendable]) letGo();
    this.#found = [];
    this.#unsendable = [];
  }

  /** All of a session or nothing: what follows rests on what came before, and so do its numbers. */
  #whyNot(actions: readonly KeptAction[], epoch: number): Unsendable["why"] | undefined {
    const expected = nameOf(this.#page.game);
    const other = actions.find((action) => action.game !== expected || !this.#read(action));
    if (other) return { code: "version", reason: "it was made by another version of the page", received: other.game, expected };
    if (actions.some(({ at }) => at < this.#page.now() - SENT_WITHIN_MS))
      return { code: "session-expired", reason: "it, or what it follows, was made more than 14 days ago" };
    if (epoch !== 0 && actions.some((action) => action.epoch !== 0 && action.epoch !== epoch))
      return { code: "not-found", reason: MADE_ANEW };
    return undefined;
  }

  /** As this page's rules read it; undefined where they have no such action, or it takes something else. */
  #read({ action: name, wire, bytes }: KeptAction): Pick<Pending, "action" | "value"> | undefined {
    const { actions } = this.#page.game["~rules"];
    const action = actions.findIndex((move) => move.name === name && wireOf(move) === wire);
    if (action < 0) return undefined;
    try {
      return { action, value: actions[action]!.input?.read(createDecoder(bytes)) };
    } catch {
      return undefined; // a schema of somebody else's, which has become another without a name for it
    }
  }

  async #remove(actions: readonly KeptAction[]): Promise<void> {
    if (actions.length === 0) return;
    await this.#shelf.write(
      [],
      actions.map(({ session, number }) => [this.#room, session, number]),
    );
  }
}
