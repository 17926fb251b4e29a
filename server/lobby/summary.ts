/** What a room tells its lobby of itself, and what the two ask of each other. */
import type { OpenRoom } from "../../shared/room/open-room.ts";

/** All that the lobby knows of a room. It is a hint: who may come in, the room decides. */
export interface Summary extends OpenRoom {
  /** Places kept for users who were matched and have not joined. */
  readonly kept: number;
  /** When the last of them is given up, in ms since 1970. */
  readonly keptUntil: number;
}

/** A room's answer to whether it keeps a place. `gone`: there is none to be joined. */
export type Seating = { readonly kind: "kept" | "full"; readonly summary: Summary } | { readonly kind: "gone" };

/** A room's side of its lobby. Each call may fail: a room goes on without. */
export interface LobbyLine {
  /** `undefined`: the room is no longer to be listed. */
  report(summary: Summary | undefined): Promise<void>;
  /** The room was made, or deleted: it counts as its maker's from now on, or no longer. */
  counted(exists: boolean): Promise<void>;
}
