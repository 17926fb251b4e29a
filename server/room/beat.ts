/**
 * When a room speaks. No clock decides it, since on the platform time stands still within an event: a cool-down does.
 *
 *   quiet:    the first change is shown at the end of its own event, and the cool-down starts
 *   cooling:  changes only mark
 *   it fires: something marked → show it and cool down again; nothing → quiet, no timer
 *
 * So a quiet room answers at once and a busy one groups by itself. A beat has two steps. The volatile frame goes first,
 * before any write, so that the platform's output gate does not hold it. Then, when the open group is due, its row, and
 * behind the row what tells of it. Groups cool down by the same rule, more slowly, and have one row in flight at most:
 * rows are what the platform bills most, and each pending write holds back all later sends.
 */
export interface BeatParts {
  after(ms: number, run: () => void): void;
  /** ms; stands still within an event. */
  now(): number;
  /** Shows what is transient. */
  volatile(): void;
  /** Closes the open group; true when it wrote a row. */
  durable(): boolean;
  /** Resolves when all that was written is durable. */
  settled(): Promise<void>;
  /** Storage lost a write it had taken. */
  lost(error: unknown): void;
  /** For the counters: a beat came this late, a row took this long to become durable, in ms. */
  late(ms: number): void;
  stored(ms: number): void;
}

export interface BeatOptions {
  /** The least time between two frames, in ms. Default 16: a display's frame. */
  readonly beatMs?: number;
  /** The least time between two journal rows, in ms. Default 32. */
  readonly journalMs?: number;
}

/** A late timer means a loaded room: the next cool-down is longer by as much, up to this, in ms. */
const LONGEST_BEAT_MS = 50;

export class Beat {
  readonly #parts: BeatParts;
  readonly #beatMs: number;
  readonly #journalMs: number;
  /** Something transient waits to be shown. */
  #shown = false;
  /** Something waits for the open group to close. */
  #waiting = false;
  #beat: "quiet" | "cooling" = "quiet";
  #group: "quiet" | "cooling" = "quiet";
  /** Rows written that are not durable yet: more than one only where `flush` asked for it. */
  #inFlight = 0;

  constructor(parts: BeatParts, { beatMs = 16, journalMs = 32 }: BeatOptions = {}) {
    this.#parts = parts;
    this.#beatMs = beatMs;
    this.#journalMs = journalMs;
  }

  /** Something transient is to be shown. */
  mark(): void {
    this.#shown = true;
  }

  /** Something waits for the open group. */
  markGroup(): void {
    this.#waiting = true;
  }

  /** Call at the end of every event that may have marked. */
  endOfEvent(): void {
    if (this.#beat === "quiet" && (this.#shown || this.#due())) this.#go(0);
  }

  /** Closes the group now, whatever the cool-downs say: for a read of what lasts, which must not run ahead of the journal. */
  flush(): void {
    this.#show();
    if (this.#waiting) this.#close();
  }

  #due(): boolean {
    return this.#waiting && this.#group === "quiet" && this.#inFlight === 0;
  }

  #go(late: number): void {
    this.#show();
    if (this.#due()) this.#close();
    this.#beat = "cooling";
    const interval = Math.min(LONGEST_BEAT_MS, this.#beatMs + late);
    const end = this.#parts.now() + interval;
    this.#parts.after(interval, () => {
      this.#beat = "quiet";
      const late = Math.max(0, this.#parts.now() - end);
      this.#parts.late(late);
      if (this.#shown || this.#due()) this.#go(late);
    });
  }

  #show(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#parts.volatile();
  }

  #close(): void {
    this.#waiting = false;
    if (!this.#parts.durable()) return;
    this.#inFlight++;
    const at = this.#parts.now();
    this.#parts.settled().then(
      () => {
        this.#inFlight--;
        this.#parts.stored(this.#parts.now() - at);
        this.endOfEvent();
      },
      (error: unknown) => {
        this.#inFlight--;
        this.#parts.lost(error);
        this.endOfEvent();
      },
    );
    if (this.#group === "cooling") return; // a flush came within the cool-down, which still runs
    this.#group = "cooling";
    this.#parts.after(this.#journalMs, () => {
      this.#group = "quiet";
      this.endOfEvent();
    });
  }
}
