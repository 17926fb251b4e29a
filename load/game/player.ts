/** A player at a table, whatever the server: one piece in hand, and a socket that counts. */

export interface Player {
  /** All that came, in bytes, with the frames' heads. */
  readonly bytes: number;
  /** The code that the server closed with. */
  readonly closed: number | undefined;
  /** From the first byte to the whole table read, in ms. */
  readonly joinMs: number;
  /** Takes a piece; its moves count from the moment this is through. */
  take(piece: number): Promise<void>;
  move(piece: number, x: number, y: number): void;
  close(): void;
}

export interface Room {
  readonly port: number;
  readonly room: string;
  /** Columns and rows of pieces. */
  readonly cols: number;
  readonly rows: number;
}

/** `moved`: a piece has been seen at x; without it what comes is only counted. */
export type Join = (room: Room, user: string, moved?: (piece: number, x: number) => void) => Promise<Player>;
