/** A room as the lobby lists it; `P`: the parameters of its game. */
export interface OpenRoom<P = unknown> {
  readonly id: string;
  /** What it was made with; null for rooms without parameters. */
  readonly params: P;
  /** Sockets that have joined: what the capacity counts. */
  readonly players: number;
  readonly capacity: number;
}

/** What the live list answers each frame with: whoever has not said so yet is spared the next ones, and given the newest. */
export const LIST_READ = "read";
/** The longest list there is, in rooms: of one answer, and of one frame of the live list. */
export const MAX_LISTED = 100;
