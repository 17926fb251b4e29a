/**
 * Tells the lobby of this room: at once when something has changed, then at most once in a while, and never two at a time.
 * What is lost on the way heals: it is said again when that fails, and now and then all the same, since an entry that nobody
 * renews expires. A lobby that is down, or never answers, costs the room no more than that.
 */
import type { LobbyLine, Summary } from "../lobby/summary.ts";

/** The least time between two reports, in ms. */
const EVERY_MS = 500;
/** How soon a report that failed is made again, in ms. */
const AGAIN_MS = 15_000;
/** How often an unchanged room says that it is still here, in ms: each time wakes it. */
export const RENEW_MS = 300_000;

export interface AnnouncerHost {
  readonly lobby: LobbyLine | undefined;
  now(): number;
  after(ms: number, run: () => void): void;
  /** How the room is now; undefined: not to be listed. The open group is closed first: nothing runs ahead of the journal. */
  summary(): Summary | undefined;
  /** When it is to be told again (ms since 1970), also when the object has left memory; undefined: not. */
  due(at: number | undefined): void;
  log(level: "info" | "error", message: string, error?: unknown): void;
}

export class Announcer {
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

  get listed(): boolean {
    return this.#listed;
  }

  /** Something may have changed. */
  mark(): void {
    if (!this.#listed) return;
    this.#marked = true;
    if (this.#state === "quiet") this.#wait(0);
  }

  /** The lobby is told again, whatever it knows. */
  renew(): void {
    this.#told = undefined;
    this.mark();
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
    const { lobby, log, now, due } = this.#host;
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
          due(summary && now() + RENEW_MS);
        },
        (error: unknown) => {
          this.#told = undefined;
          log("error", "the lobby could not be told of this room; it is tried again", error);
          due(now() + AGAIN_MS);
        },
      )
      .finally(() => {
        this.#underWay = false;
        if (this.#marked && this.#state === "quiet") this.#wait(0);
      });
  }
}
