/**
 * The live list: one frame a beat at most, when something has changed, the same bytes to all. Whoever has not said that the
 * last one is read is spared the next, and given the newest when they say so: nothing is queued for a slow reader. The word is
 * also how a watcher begins.
 */
import { LIST_READ } from "../../shared/room/open-room.ts";
import { CoolDown } from "./cool-down.ts";

/** The least time between two frames, in ms. */
const BEAT_MS = 250;

export interface Watcher {
  send(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
}

interface Watching {
  /** It has not said that it is ready for another list. */
  reading: boolean;
  /** Words that it may say without having been sent a list. */
  spare: number;
  /** Which list it was sent last; 0: not known. */
  has: number;
}

export class LiveList<W extends Watcher> {
  readonly #watchers = new Map<W, Watching>();
  readonly #read: () => string;
  readonly #beat: CoolDown;
  #marked = true;
  #text = "";
  #bytes: Uint8Array = new Uint8Array();
  /** Counts the lists that differ. */
  #version = 0;

  /** `read`: the list as it is now, as text. */
  constructor(read: () => string, after: (ms: number, run: () => void) => void) {
    this.#read = read;
    this.#beat = new CoolDown(BEAT_MS, after, () => this.#tellAll());
  }

  get watchers(): Iterable<W> {
    return this.#watchers.keys();
  }

  /** A new one: it is told when it says that it is ready. */
  add(watcher: W): void {
    this.#watchers.set(watcher, { reading: true, spare: 0, has: 0 });
  }

  /** One that watched before the object slept: what it has is not known, nor whether it has read that. */
  adopt(watcher: W): void {
    this.#watchers.set(watcher, { reading: false, spare: 1, has: 0 });
  }

  remove(watcher: W): void {
    this.#watchers.delete(watcher);
  }

  /** The list may have changed. */
  mark(): void {
    this.#marked = true;
    if (this.#watchers.size > 0) this.#beat.ask();
  }

  received(watcher: W, message: string): void {
    const known = this.#watchers.get(watcher);
    if (!known) return;
    if (message !== LIST_READ || (!known.reading && known.spare-- <= 0)) {
      this.remove(watcher);
      return watcher.close(4400, `expected ${JSON.stringify(LIST_READ)}, once for each list`);
    }
    known.reading = false;
    if (!this.#beat.isCooling) {
      this.#renew();
      this.#tell(watcher, known);
    } else if (known.has !== this.#version) this.#beat.ask(); // it was spared one
  }

  #tellAll(): void {
    this.#renew();
    for (const [watcher, known] of this.#watchers) this.#tell(watcher, known);
  }

  #renew(): void {
    if (!this.#marked) return;
    this.#marked = false;
    const text = this.#read();
    if (text === this.#text) return;
    this.#text = text;
    this.#bytes = new TextEncoder().encode(text);
    this.#version++;
  }

  #tell(watcher: W, known: Watching): void {
    if (known.reading || known.has === this.#version) return;
    known.reading = true;
    known.has = this.#version;
    watcher.send(this.#bytes);
  }
}
