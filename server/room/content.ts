/**
 * What a room holds for good: its users and sessions, its game and its document, and the journal in which all lie. Read from
 * storage when it is first needed, so that waking for a cursor costs nothing that grows with the state.
 */
import * as decoding from "lib0/decoding";
import { join } from "../../shared/bytes.ts";
import type { AnyGame } from "../../shared/game/run.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Counters } from "../observe/counters.ts";
import type { DocumentPart } from "../parts/document/document-part.ts";
import type { GamePart } from "../parts/game/game-part.ts";
import { Refusal, type KeptPart, type MissedRow, type ReadSection } from "../parts/part.ts";
import { cut, type Sections, type Snapshot } from "../storage/pieces.ts";
import type { Birth, Piece } from "../storage/store.ts";
import { Compaction } from "./compaction.ts";
import { Closing } from "./connections.ts";
import type { RoomHost } from "./host.ts";
import { FORMAT, Journal } from "./journal.ts";
import { formerly, PartMaker, type PartMakerHost } from "./part-maker.ts";
import { Sessions, SESSIONS_SECTION } from "./sessions.ts";

export interface ContentHost extends PartMakerHost, Pick<RoomHost, "store" | "random"> {
  readonly counters: Counters;
  /** Storage was looked at, and this is what there is. */
  loaded(loaded: Loaded): void;
  /** A snapshot is cut after this many rows. */
  readonly snapshotRows: number;
}

/** What is there. `broken`: storage cannot be read, and nothing is written. */
export type Loaded =
  | { readonly kind: "absent"; readonly game?: undefined; readonly document?: undefined }
  | {
      readonly kind: "open";
      readonly birth: Birth;
      readonly game: GamePart | undefined;
      readonly document: DocumentPart | undefined;
    }
  | { readonly kind: "broken"; readonly game?: undefined; readonly document?: undefined };

export class Content {
  readonly sessions: Sessions = new Sessions();
  readonly #definition: AnyRoom;
  readonly #host: ContentHost;
  readonly #journal: Journal;
  readonly #maker: PartMaker;
  readonly #compaction: Compaction;
  /** Undefined: storage has not been looked at since the object woke, or since it failed. */
  #loaded: Loaded | undefined;

  constructor(definition: AnyRoom, host: ContentHost) {
    this.#definition = definition;
    this.#host = host;
    this.#journal = new Journal(host.store, host.snapshotRows);
    this.#maker = new PartMaker(definition, host, this.sessions, this.#journal);
    this.#compaction = new Compaction({
      store: host.store,
      check: (pieces) => this.#check(pieces),
      adopted: (seq, length) => {
        this.#journal.snapshotTaken(seq, length);
        host.counters.snapshots++;
        return this.#journal.notKept(host.now());
      },
    });
  }

  /** The newest row. */
  get seq(): number {
    return this.#journal.seq;
  }

  /** What is in memory: what has not been read cannot have changed. */
  get game(): GamePart | undefined {
    return this.#loaded?.game;
  }

  load(): Loaded {
    if (this.#loaded) return this.#loaded;
    let loaded: Loaded = { kind: "broken" };
    try {
      loaded = this.#read();
    } catch (error) {
      this.#host.log("error", "the room cannot be read from storage", error);
    }
    this.#loaded = loaded;
    this.#host.loaded(loaded);
    return loaded;
  }

  /** The game, for whoever cannot go on without. Throws Refusal. */
  needGame(): GamePart {
    return needed(this.load(), "game");
  }

  /** And the document. */
  needDocument(): DocumentPart {
    return needed(this.load(), "document");
  }

  /** Memory is not to be believed any more: the next look is at storage. */
  forget(): void {
    this.#loaded = undefined;
    this.#compaction.drop();
  }

  get document(): DocumentPart | undefined {
    return this.#loaded?.document;
  }

  /** Which life of the room its rows count in; 0: none has been read. */
  get epoch(): number {
    return this.#loaded?.kind === "open" ? this.#loaded.birth.createdAt : 0;
  }

  /** There is none, since it was deleted. */
  get wasDeleted(): boolean {
    return this.#host.store.tombstone() !== undefined;
  }

  /** Removes everything but a tombstone. */
  bury(): void {
    const loaded = this.load();
    this.#host.store.bury(loaded.kind === "open" ? loaded.birth.createdAt : this.#host.now()); // whatever was broken was made before
    this.forget();
  }

  /** What lasts, besides the sessions. */
  #kept({ game, document }: Pick<Loaded, "game" | "document"> = this.#loaded ?? {}): KeptPart[] {
    return [game, document].filter((part) => part !== undefined);
  }

  #read(): Loaded {
    const stored = this.#journal.load();
    if (!stored) return { kind: "absent" };
    const { birth, section, rows } = stored;
    const declared = this.#definition.game;
    const former = formerly(declared, birth.gameVersion);
    const game = this.#maker.game(birth, former);
    const document = this.#maker.document();
    const kept = this.#kept({ game, document });
    this.sessions.restore(decoding.createDecoder(join(section(SESSIONS_SECTION))));
    for (const part of kept) part.restore(section);
    for (const { seq, at, sections } of rows) {
      const sessions = sections.get(SESSIONS_SECTION);
      if (sessions) this.sessions.replay(decoding.createDecoder(sessions));
      for (const part of kept) {
        const bytes = sections.get(part.section);
        if (bytes) part.replay(bytes, seq, at);
      }
    }
    if (declared && game && former !== declared) return this.#carryOver(declared, birth, game, document);
    return { kind: "open", birth, game, document };
  }

  /** What older rules have stored becomes what these would have, before anyone sees it. */
  #carryOver(declared: AnyGame, birth: Birth, former: GamePart, document: DocumentPart | undefined): Loaded {
    const reborn = { ...birth, gameVersion: declared.version };
    const game = this.#maker.game(reborn)!;
    game.carryOver(former, declared["~rules"].migrations.get(birth.gameVersion)!, this.#host.now(), this.seq + 1);
    this.#journal.carryOver(reborn, this.#snapshot(this.#kept({ game, document })));
    this.#host.log("info", `${declared.name}: carried over from version ${birth.gameVersion} to ${declared.version}`);
    return { kind: "open", birth: reborn, game, document };
  }

  /** Makes the room; `params` in the game's own codec. Throws when they do not fit, or storage does not take it: then there is none. */
  create(params: Uint8Array): void {
    const { game: declared, name } = this.#definition;
    const tombstone = this.#host.store.tombstone() ?? 0;
    const birth: Birth = {
      format: FORMAT,
      room: name,
      gameVersion: declared?.version ?? 0,
      params,
      seed: this.#host.random(),
      secret: Array.from({ length: 8 }, () => this.#host.random().toString(16).padStart(8, "0")).join(""),
      createdAt: Math.max(this.#host.now(), tombstone + 1), // another life has another epoch
    };
    const from = decoding.createDecoder(params);
    declared?.["~rules"].params?.read(from);
    if (decoding.hasContent(from)) throw new RangeError("bytes after the parameters");
    const game = this.#maker.game(birth);
    const document = this.#maker.document();
    game?.setup(birth.createdAt);
    this.sessions.restore(undefined);
    try {
      this.#journal.create(birth, this.#snapshot(this.#kept({ game, document })));
    } catch (error) {
      this.#host.log("error", "the room could not be stored", error);
      throw new Closing(4500, "the room could not be stored");
    }
    this.#loaded = { kind: "open", birth, game, document };
  }

  /** What the open group adds: the sections of its row. */
  #collect(): Sections {
    const sections = new Map<number, Uint8Array>();
    const sessions = this.sessions.collect();
    if (sessions) sections.set(SESSIONS_SECTION, sessions);
    for (const part of this.#kept()) {
      const bytes = part.collect();
      if (bytes) sections.set(part.section, bytes);
    }
    return sections;
  }

  /** Closes what the open group holds, and writes its row, of that time, unless there is nothing to write. Throws when storage does. */
  write(at: number): Sections {
    const sections = this.#collect();
    if (sections.size > 0) {
      const { counters } = this.#host;
      counters.rowBytes += this.#journal.append(at, sections);
      counters.rows++;
    }
    return sections;
  }

  /** How many bytes the rows above `seq` have; undefined where that is too long ago. */
  lengthSince(seq: number): number | undefined {
    return this.#journal.lengthSince(seq);
  }

  /** The first of the rows above `seq`, up to `most` bytes of them, but at least one; undefined where that is too long ago. */
  since(seq: number, most: number): MissedRow[] | undefined {
    return this.#journal.since(seq, most);
  }

  // ---- snapshots

  /** There is something to do for {@link compact}. */
  get compactionDue(): boolean {
    if (this.#loaded?.kind !== "open") return false;
    return !this.#compaction.resting || this.#journal.snapshotDue || (this.document?.shrinks ?? false);
  }

  /** One step of taking a snapshot; the open group must be closed. Throws when storage does: then it can be tried again later. */
  compact(): void {
    if (!this.compactionDue) return;
    if (this.#compaction.resting) {
      this.sessions.forget(this.#host.now());
      this.#compaction.begin(this.seq, cut(this.#snapshot(this.#kept())));
    }
    this.#compaction.step();
  }

  #snapshot(kept: Iterable<KeptPart>): Snapshot {
    const snapshot = new Map<number, Uint8Array | readonly Uint8Array[]>([[SESSIONS_SECTION, this.sessions.snapshot()]]);
    for (const part of kept) for (const [section, bytes] of part.snapshot()) snapshot.set(section, bytes);
    return snapshot;
  }

  /** Whether a room could be loaded from these. */
  #check(pieces: readonly Piece[]): void {
    const read: ReadSection = (section) => pieces.filter((piece) => piece.section === section).map(({ bytes }) => bytes);
    new Sessions().restore(decoding.createDecoder(join(read(SESSIONS_SECTION))));
    for (const part of this.#kept()) part.check(read);
  }
}

function needed<K extends "game" | "document">(loaded: Loaded, what: K): NonNullable<Loaded[K]> {
  if (loaded.kind === "broken") throw new Refusal("unavailable", "the room cannot be read from storage");
  const part = loaded[what];
  if (!part) throw new Refusal("not-found", `the room does not exist, or has no ${what}`);
  return part;
}
