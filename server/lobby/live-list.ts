/**
 * The live list: one frame a beat at most, when something has changed, the same text to all. Whoever has not said that the
 * last one is read is spared the next, and given the newest when they say so: nothing is queued for a slow reader.
 */
import { LIST_READ } from "../../shared/room/open-room.ts";

/** The least time between two frames, in ms. */
const BEAT_MS = 250;

export interface Watcher {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export class LiveList<W extends Watcher> {
  readonly #watchers = new Map<W, { reading: boolean; has: string }>();
  readonly #list: () => string;
  readonly #after: (ms: number, run: () => void) => void;
  #state: "quiet" | "cooling" = "quiet";
  #marked = false;

  /** `list`: the list as it is now, as text. */
  constructor(list: () => string, after: (ms: number, run: () => void) => void) {
    this.#list = list;
    this.#after = after;
  }

  get watchers(): Iterable<W> {
    return this.#watchers.keys();
  }

  add(watcher: W): void {
    this.#watchers.set(watcher, { reading: false, has: "" });
    this.#tell(watcher, this.#list());
  }

  /** One that watched before the object slept: what it has is not known, nor whether it has read that. */
  adopt(watcher: W): void {
    this.#watchers.set(watcher, { reading: false, has: "" });
  }

  remove(watcher: W): void {
    this.#watchers.delete(watcher);
  }

  /** The list may have changed. */
  mark(): void {
    this.#marked = true;
    if (this.#state === "quiet") this.#beat();
  }

  received(watcher: W, message: string): void {
    const known = this.#watchers.get(watcher);
    if (!known) return;
    // After a sleep it is not known who was still reading: such a word is no more than late.
    if (message !== LIST_READ || (!known.reading && known.has !== "")) {
      this.remove(watcher);
      return watcher.close(4400, `expected ${JSON.stringify(LIST_READ)} after each list`);
    }
    known.reading = false;
    if (known.has !== "" && this.#state === "quiet") this.#tell(watcher, this.#list());
  }

  #beat(): void {
    this.#marked = false;
    if (this.#watchers.size === 0) return;
    const list = this.#list();
    for (const watcher of this.#watchers.keys()) this.#tell(watcher, list);
    this.#state = "cooling";
    this.#after(BEAT_MS, () => {
      this.#state = "quiet";
      const late = [...this.#watchers.values()].some(({ reading, has }) => !reading && has !== "" && has !== list);
      if (this.#marked || late) this.#beat();
    });
  }

  #tell(watcher: W, list: string): void {
    const known = this.#watchers.get(watcher);
    if (!known || known.reading || known.has === list) return;
    known.reading = true;
    known.has = list;
    watcher.send(list);
  }
}
