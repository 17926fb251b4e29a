/** A part of the panel: its element, brought up to date with what is seen of the room. */
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Diagnostics, Peer } from "../api.ts";

export interface Seen {
  readonly diagnostics: Diagnostics;
  readonly self: Peer<AnyRoom> | null;
  readonly others: readonly Peer<AnyRoom>[];
  /** ms, by the page's own clock. */
  readonly now: number;
}

export interface Section {
  readonly element: HTMLElement;
  update(seen: Seen): void;
}
