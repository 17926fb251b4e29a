/**
 * The rooms that a lobby knows of: what each has said of itself last, and until when that is believed. Plain and synchronous;
 * what is to outlive the object's memory goes to a store. It decides nothing: who may come in, the room says.
 */
import { MAX_LISTED, type OpenRoom } from "../../shared/room/open-room.ts";
import type { Summary } from "./summary.ts";

/** What an entry must have, by parameter; those that are not named may be anything. */
export type Where = Readonly<Record<string, unknown>>;

export interface ListingStore {
  all(): Iterable<{ readonly summary: Summary; readonly until: number }>;
  keep(summary: Summary, until: number): void;
  drop(id: string): void;
}

export interface Entry {
  summary: Summary;
  /** It is believed until then, in ms since 1970. */
  until: number;
  /** Matches that ask the room right now. */
  asking: number;
  /** Being made: resolves with whether that went well. */
  making: Promise<boolean> | undefined;
}

/** An entry that nobody renews is believed for this long, in ms: rooms renew theirs every five minutes. */
export const BELIEVED_MS = 720_000;
/** The most entries, so that memory is bounded; a room more is not listed. */
const MAX_ENTRIES = 20_000;
/** The longest list entry, in characters of JSON: a hundred of them are a frame. A room with longer parameters is not listed. */
const MAX_ENTRY_LENGTH = 1000;

export class Listing {
  readonly #entries = new Map<string, Entry>();
  readonly #store: ListingStore;

  constructor(store: ListingStore) {
    this.#store = store;
    for (const { summary, until } of store.all()) this.#entries.set(summary.id, { summary, until, asking: 0, making: undefined });
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** A room has spoken. True: what is shown has changed. */
  report(summary: Summary, now: number): boolean {
    const known = this.#entries.get(summary.id);
    if (!known && this.#entries.size >= MAX_ENTRIES) return false;
    if (JSON.stringify(shown(summary)).length > MAX_ENTRY_LENGTH) return this.drop(summary.id);
    const until = now + BELIEVED_MS;
    const changed = !known || JSON.stringify(shown(known.summary)) !== JSON.stringify(shown(summary));
    if (known) Object.assign(known, { summary, until });
    else this.#entries.set(summary.id, { summary, until, asking: 0, making: undefined });
    this.#store.keep(summary, until);
    return changed;
  }

  /** What a room has answered to a match: it may change what is known of a room, and lists none. */
  heard(summary: Summary): boolean {
    const known = this.#entries.get(summary.id);
    if (!known) return false;
    const changed = known.summary.players !== summary.players;
    known.summary = summary;
    return changed;
  }

  /** A room that is being made: nobody is shown it, and other matches count on it. */
  make(summary: Summary, making: Promise<boolean>, now: number): Entry {
    const entry: Entry = { summary, until: now + BELIEVED_MS, asking: 0, making };
    this.#entries.set(summary.id, entry);
    return entry;
  }

  /** True: it was shown. */
  drop(id: string): boolean {
    const known = this.#entries.get(id);
    if (!known) return false;
    this.#entries.delete(id);
    this.#store.drop(id);
    return known.summary.players > 0;
  }

  /** Drops what is believed no longer. True: what is shown has changed. */
  expire(now: number): boolean {
    let changed = false;
    for (const [id, { until }] of this.#entries) if (until <= now) changed = this.drop(id) || changed;
    return changed;
  }

  /** When the next entry expires, in ms since 1970; Infinity: none does. */
  get nextExpiry(): number {
    let next = Infinity;
    for (const { until } of this.#entries.values()) next = Math.min(next, until);
    return next;
  }

  /** Rooms with somebody in them: those with a place first, then by most players. At most {@link MAX_LISTED}. */
  page(where: Where, limit: number = MAX_LISTED): { readonly rooms: OpenRoom[]; readonly total: number } {
    const fitting = [...this.#entries.values()].filter(({ summary }) => summary.players > 0 && fits(summary, where));
    const rooms = fitting
      .map(({ summary }) => shown(summary))
      .sort(
        (a, b) =>
          Number(a.players >= a.capacity) - Number(b.players >= b.capacity) ||
          b.players - a.players ||
          (a.id < b.id ? -1 : Number(a.id > b.id)),
      );
    return { rooms: rooms.slice(0, Math.min(limit, MAX_LISTED)), total: fitting.length };
  }

  /** The fullest room with a place left that is none of `except`: rooms are filled one by one. */
  choose(where: Where, except: ReadonlySet<string>, now: number): Entry | undefined {
    let best: Entry | undefined;
    let most = -1;
    for (const entry of this.#entries.values()) {
      const { summary, asking, making } = entry;
      if (except.has(summary.id) || !fits(summary, where)) continue;
      const taken = summary.players + (summary.keptUntil > now ? summary.kept : 0) + asking;
      if (taken === 0 && !making) this.drop(summary.id); // a match that was not followed: nobody is in it, and nobody comes
      else if (taken < summary.capacity && taken > most) {
        best = entry;
        most = taken;
      }
    }
    return best;
  }
}

const shown = ({ id, params, players, capacity }: Summary): OpenRoom => ({ id, params, players, capacity });

function fits({ params }: Summary, where: Where): boolean {
  const has = (params ?? {}) as Record<string, unknown>;
  return Object.entries(where).every(([name, value]) => JSON.stringify(has[name]) === JSON.stringify(value));
}
