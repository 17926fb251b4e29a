/**
 * Tells the lobby of this room: at once when something has changed, then at most once in a while, and never two at a time.
 * What is lost on the way heals: it is said again when that fails, and now and then all the same, since an entry that nobody
 * renews expires. A lobby that is down, or never answers, costs the room no more than that.
 */
import type { Summary } from "../lobby/summary.ts";
import type { Agenda } from "./agenda.ts";
import type { Alarms, Task } from "./alarms.ts";
import type { RoomHost } from "./host.ts";

/** The least time between two reports, in ms. */
const EVERY_MS = 500;
/** How soon a report that failed is made again, in ms. */
const AGAIN_MS = 15_000;
/** How often an unchanged room says that it is still here, in ms: each time wakes it. */
export const RENEW_MS = 300_000;
/** How the agenda names when the lobby is told again: also by an object that has left memory meanwhile. */
const NAME = "announce";

export interface AnnouncerHost extends Pick<RoomHost, "lobby" | "now" | "after" | "log"> {
  readonly agenda: Agenda;
  readonly alarms: Alarms;
  /** How the room is now; undefined: not to be listed. The open group is closed first: nothing runs ahead of the journal. */
  summary(): Summary | undefined;
}

export class Announcer implements Task {
  readonly #host: AnnouncerHost;
  /** Somebody came through an edge whose lobby lists this room. */
  #listed = false;
  #state: "quiet" | "waiting" = "quiet";
  #marked = false;
  #underWay = false;
  /** What the lobby was told last, as JSON; undefined: not known. */
  #told: string | undefined;

  constructor(host: AnnouncerHost) {
    this.#host = host;
  }

  /** Lists the room from now on. */
  list(): void {
    this.#listed = this.#host.lobby !== undefined;
  }

  /** Something may have changed. */
  mark(): void {
    if (!this.#listed) return;
    this.#marked = true;
    if (this.#state === "quiet") this.#wait(0);
  }

  due(): number | undefined {
    return this.#listed ? this.#host.agenda.get(NAME) : undefined;
  }

  /** The lobby is told again, whatever it knows; how that goes says when the next time is. */
  ring(): void {
    this.#host.agenda.drop(NAME);
    this.#told = undefined;
    this.mark();
  }

  /** It is told again at this time, in ms since 1970; undefined: it is not. */
  #dueAt(at: number | undefined): void {
    const { agenda, alarms } = this.#host;
    const known = agenda.get(NAME);
    // Each time is a row: one that rings a little early will do.
    if (at !== undefined && known !== undefined && known <= at && known > at - RENEW_MS / 2) return;
    if (at === undefined) agenda.drop(NAME); // one that rings for nothing harms nobody
    else agenda.set(NAME, at);
    alarms.arm();
  }

  #wait(ms: number): void {
    this.#state = "waiting";
    this.#host.after(ms, () => {
      this.#state = "quiet";
      if (!this.#marked || this.#underWay) return;
      this.#say();
      this.#wait(EVERY_MS);
    });
  }

  #say(): void {
    const { lobby, log, now } = this.#host;
    this.#marked = false;
    const summary = this.#host.summary();
    const said = JSON.stringify(summary) ?? "gone";
    if (!lobby || said === this.#told) return;
    this.#underWay = true;
    lobby
      .report(summary)
      .then(
        () => {
          this.#told = said;
          this.#dueAt(summary && now() + RENEW_MS);
        },
        (error: unknown) => {
          this.#told = undefined;
          log("error", "the lobby could not be told of this room; it is tried again", error);
          this.#dueAt(now() + AGAIN_MS);
        },
      )
      .finally(() => {
        this.#underWay = false;
        if (this.#marked && this.#state === "quiet") this.#wait(0);
      });
  }
}
