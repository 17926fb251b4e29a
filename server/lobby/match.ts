/**
 * Quick match: the fullest open room that fits, else a new one. The lobby only guesses which room has a place; the room
 * says so, and keeps the place for a short while. Every `await` lets other matches in, so what one is about to do it says first:
 * those who come meanwhile count on it, and neither overfill a room nor make one that nobody needs.
 */
import type { Listing, Where } from "./listing.ts";
import type { Seating, Summary } from "./summary.ts";

export interface Wish {
  readonly user: string;
  readonly where: Where;
  /** Rooms that were tried, and are not wanted again. */
  readonly except: readonly string[];
  /** The room to make when none fits, checked; undefined: none. */
  readonly create: { readonly id: string; readonly params: unknown; readonly capacity: number } | undefined;
}

export interface Refused {
  readonly kind: "refused";
  readonly code: string;
  readonly message: string;
}

export type Matched =
  | { readonly kind: "matched"; readonly id: string; readonly created: boolean }
  | { readonly kind: "none" }
  | Refused;

export interface Rooms {
  seat(id: string, user: string): Promise<Seating>;
  /** Makes the room, and keeps a place in it for `user`. */
  create(id: string, params: unknown, user: string): Promise<Seating | Refused>;
}

export async function match(
  { user, where, except, create }: Wish,
  listing: Listing,
  rooms: Rooms,
  now: () => number,
  /** What is shown has changed. */
  changed: () => void,
): Promise<Matched> {
  const tried = new Set(except);
  for (;;) {
    const entry = listing.choose(where, tried, now());
    if (!entry) break;
    const { id } = entry.summary;
    tried.add(id);
    entry.asking++;
    try {
      if (entry.making && !(await entry.making)) continue;
      const seating = await rooms.seat(id, user);
      const deserted = seating.kind === "kept" && seating.summary.players === 0 && entry.summary.players > 0;
      if (seating.kind === "gone" || deserted) {
        if (listing.drop(id)) changed();
        continue;
      }
      if (listing.heard(seating.summary)) changed();
      if (seating.kind === "kept") return { kind: "matched", id, created: false };
    } finally {
      entry.asking--;
    }
  }
  if (!create) return { kind: "none" };
  const { id, params, capacity } = create;
  const summary: Summary = { id, params, capacity, players: 0, kept: 0, keptUntil: 0 };
  const making = rooms.create(id, params, user);
  // Whoever waits for it hears whether there is one now; why not, whoever makes it does.
  const made = making.then(
    ({ kind }) => kind !== "refused",
    () => false,
  );
  const entry = listing.make(summary, made, now());
  entry.asking++;
  try {
    const reply = await making;
    if (reply.kind === "kept" || reply.kind === "full") listing.heard(reply.summary);
    else listing.drop(id);
    if (reply.kind === "refused") return reply;
    return reply.kind === "kept" ? { kind: "matched", id, created: true } : { kind: "none" };
  } catch (error) {
    listing.drop(id);
    throw error;
  } finally {
    entry.making = undefined;
    entry.asking--;
  }
}
