/**
 * A room that cannot be loaded, seen from outside: what of it can be read, and how it is made whole again. Nothing here runs
 * by itself: a room that is broken refuses everyone and writes nothing, until whoever runs it has looked.
 *
 *     verify    reads everything that is stored, and says what cannot be read
 *     export    everything that is stored, as it lies there
 *     repair    takes the document's updates out of each row in which they cannot be read; the row, everyone else's part in it,
 *               and whose client ids are, stays, and what was taken out is kept aside
 */
import { readUpdate } from "../../shared/document/update.ts";
import { DocumentIndex } from "../parts/document/document-index.ts";
import { DOCUMENT_SECTION, updatesOf, withoutUpdates } from "../parts/document/stored.ts";
import { readSections, writeSections, type Sections } from "../storage/pieces.ts";
import type { Store } from "../storage/store.ts";
import type { Calls } from "./calls.ts";

export interface Finding {
  /** "row 12", "piece 3 of the snapshot at 1000", "the journal". */
  readonly where: string;
  readonly reason: string;
  /** Whether `repair` mends it. */
  readonly mendable: boolean;
}

export interface Verification {
  readonly rows: number;
  readonly pieces: number;
  readonly findings: readonly Finding[];
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface CareHost {
  readonly store: Store;
  readonly calls: Calls;
  /** What is stored is another: memory is not to be believed, nor what anyone was told. */
  mended(): void;
}

export class Care {
  readonly #host: CareHost;

  constructor(host: CareHost) {
    this.#host = host;
  }

  verify(): Verification {
    return this.#host.calls.atRest(() => verify(this.#host.store));
  }

  /** Everything stored, one JSON text a line. */
  export(): string {
    return this.#host.calls.atRest(() => [...exported(this.#host.store)].join("\n"));
  }

  /** Returns the rows that were mended. */
  repair(): readonly number[] {
    return this.#host.calls.atRest(() => {
      const rows = repair(this.#host.store);
      if (rows.length > 0) this.#host.mended();
      return rows;
    });
  }
}

function verify(store: Store): Verification {
  const counts = { rows: 0, pieces: 0 };
  const findings = [...look(store, counts)].map(({ where, reason, seq }) => ({ where, reason, mendable: seq !== undefined }));
  return { ...counts, findings };
}

function repair(store: Store): number[] {
  const mended: number[] = [];
  for (const { seq, sections, reason } of [...look(store, { rows: 0, pieces: 0 })]) {
    if (seq === undefined) continue;
    const rest = new Map(sections);
    const claims = claimsIn(rest.get(DOCUMENT_SECTION));
    if (claims) rest.set(DOCUMENT_SECTION, claims);
    else rest.delete(DOCUMENT_SECTION);
    store.quarantine(seq, writeSections(rest), reason);
    mended.push(seq);
  }
  return mended;
}

/** What of a document's part that cannot be read says whose client ids are; undefined: not even that can be read. */
function claimsIn(section: Uint8Array | undefined): Uint8Array | undefined {
  try {
    return section && withoutUpdates(section);
  } catch {
    return undefined; // then none is kept
  }
}

interface Seen {
  readonly where: string;
  readonly reason: string;
  /** The row whose document's part is bad, where that is all that is. */
  readonly seq?: number;
  readonly sections?: Sections;
}

/** Reads everything, as a room would that is loaded, and goes on behind what it cannot read. */
function* look(store: Store, counts: { rows: number; pieces: number }): Generator<Seen> {
  const cut = store.snapshot();
  if (cut === undefined) return yield { where: "the snapshot", reason: "there is none" };
  const index = new DocumentIndex();
  for (let piece = store.piece(cut, 0); piece; piece = store.piece(cut, ++counts.pieces)) {
    if (piece.section !== DOCUMENT_SECTION) continue;
    const reason = takes(index, [piece.bytes]);
    if (reason !== undefined) yield { where: `piece ${counts.pieces} of the snapshot at ${cut}`, reason };
  }
  let last = cut;
  for (const { seq, bytes } of [...store.rows(cut)]) {
    counts.rows++;
    if (seq !== last + 1) yield { where: "the journal", reason: `row ${seq} follows row ${last}` };
    last = seq;
    const where = `row ${seq}`;
    let sections: Sections | undefined;
    try {
      sections = readSections(bytes);
    } catch (error) {
      yield { where, reason: reasonOf(error) };
    }
    const reason = takes(index, updatesOf(sections?.get(DOCUMENT_SECTION) ?? Uint8Array.of(0)));
    if (sections && reason !== undefined) yield { where, reason, seq, sections };
  }
}

/** Why the index does not take these updates; undefined: it does. */
function takes(index: DocumentIndex, updates: Iterable<Uint8Array>): string | undefined {
  try {
    for (const update of updates) {
      const content = readUpdate(update);
      if (index.judge(content, 0).kind === "gap") return "it rests on what is not there";
      index.add(content, 0);
    }
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Bytes as base64. With the room's secrets: whoever may have this may have all. */
function* exported(store: Store): Generator<string> {
  const base64 = (bytes: Uint8Array): string => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
  };
  const birth = store.birth();
  if (birth) yield JSON.stringify({ kind: "birth", ...birth, params: base64(birth.params) });
  const cut = store.snapshot();
  if (cut !== undefined)
    for (let number = 0, piece = store.piece(cut, 0); piece; piece = store.piece(cut, ++number))
      yield JSON.stringify({ kind: "piece", cut, number, section: piece.section, bytes: base64(piece.bytes) });
  for (const { seq, at, bytes } of [...store.rows(0)]) yield JSON.stringify({ kind: "row", seq, at, bytes: base64(bytes) });
}
