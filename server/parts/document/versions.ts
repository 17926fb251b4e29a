/**
 * The document as it once was: kept when somebody says so, and by itself when it has been written in for a while, and when
 * the last who wrote has gone. Bounded: the oldest of those that nobody named go first.
 */
import type { Store } from "../../storage/store.ts";
import type { Version } from "../../../shared/document/version.ts";

/** Kept by itself this often while it is written in, in ms, and when nobody is left who writes, but no more often than that. */
const KEEP_EVERY_MS = 10 * 60 * 1000;
const KEEP_AFTER_MS = 60 * 1000;
/** As many as these of those nobody named, and of those that somebody did. */
const MOST_UNNAMED = 50;
const MOST_NAMED = 200;
/** The longest name, in characters. */
export const MAX_VERSION_NAME = 100;

export class Versions {
  readonly #store: Store;
  /** When it was first looked whether one is due, in ms, where there is none. */
  #since: number | undefined;
  /** While somebody writes, none is due before this, in ms: it is asked at every row, and must not read storage each time. */
  #notBefore = -Infinity;

  constructor(store: Store) {
    this.#store = store;
  }

  list(): readonly Version[] {
    return this.#store.versions();
  }

  /** All that a version held, as one update; undefined: there is none of this id. */
  content(id: number): Uint8Array | undefined {
    return this.#store.versions().some((version) => version.id === id) ? this.#store.version(id) : undefined;
  }

  /** Throws a RangeError where there are too many with a name. */
  keep(version: Omit<Version, "id" | "bytes">, content: Uint8Array): Version {
    const versions = this.#store.versions();
    const ofItsKind = versions.filter(({ name }) => (name === null) === (version.name === null));
    if (version.name !== null && ofItsKind.length >= MOST_NAMED)
      throw new RangeError(`${ofItsKind.length} versions with a name, expected fewer than ${MOST_NAMED}`);
    const kept = this.#store.keepVersion(version, content);
    if (version.name === null && ofItsKind.length >= MOST_UNNAMED) this.#store.dropVersion(ofItsKind[0]!.id);
    return kept;
  }

  drop(id: number): void {
    this.#store.dropVersion(id);
  }

  /** Whether row `changedSeq`, the newest that changed the document, is in no version, and it is time. `empty`: nobody is left who writes. */
  due(now: number, changedSeq: number, empty: boolean): boolean {
    if (!empty && now < this.#notBefore) return false;
    const last = this.#store.versions().at(-1);
    if (changedSeq <= (last?.seq ?? 0)) return false;
    const since = last?.at ?? (this.#since ??= now);
    this.#notBefore = since + KEEP_EVERY_MS;
    return now - since >= (empty ? (last ? KEEP_AFTER_MS : 0) : KEEP_EVERY_MS);
  }

  /** Storage may have lost the newest. */
  forget(): void {
    this.#notBefore = -Infinity;
  }
}
