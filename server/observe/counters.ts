/** What a room has done since its object woke: plain numbers, counted where things happen and read at `…/inspect`. */
export class Counters {
  framesIn = 0;
  bytesIn = 0;
  framesOut = 0;
  bytesOut = 0;
  /** Frames kept from readers that were too slow, times one was given what it missed, and states sent bit by bit. */
  spared = 0;
  resyncs = 0;
  transfers = 0;
  /** Clients whose state differed from the room's, which is a bug: in the rules, most likely. */
  drifts = 0;
  /** Messages that parts took, beats that showed something: the first by the second is what a beat groups. */
  messages = 0;
  beats = 0;
  /** How late beats came, in ms, in all and at most: time stands still within an event, so this is what shows a loaded room. */
  lateMs = 0;
  latestMs = 0;
  /** Journal rows written, their bytes, and how long they took to become durable, in ms, in all and at most. */
  rows = 0;
  rowBytes = 0;
  journalMs = 0;
  longestJournalMs = 0;
  /** Snapshots that took the place of old rows. */
  snapshots = 0;
  /** Messages refused at once, and connections closed, by code. */
  readonly refused: Record<string, number> = {};
  readonly closed: Record<string, number> = {};

  /** A beat came this late, in ms. */
  late(ms: number): void {
    this.lateMs += ms;
    this.latestMs = Math.max(this.latestMs, ms);
  }

  /** A row took this long to become durable, in ms. */
  stored(ms: number): void {
    this.journalMs += ms;
    this.longestJournalMs = Math.max(this.longestJournalMs, ms);
  }

  /** One more of `what`. */
  static add(counts: Record<string, number>, what: string | number): void {
    counts[what] = (counts[what] ?? 0) + 1;
  }
}
