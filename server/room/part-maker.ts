/** Makes what lasts in a room as its definition says: the game, by today's rules or by those that stored it, and the document. */
import * as decoding from "lib0/decoding";
import type { AnyGame, GameEvent } from "../../shared/game/run.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { DocumentPart } from "../parts/document/document-part.ts";
import { DOCUMENT_SECTION, updatesOf } from "../parts/document/stored.ts";
import { GamePart } from "../parts/game/game-part.ts";
import type { PartHost } from "../parts/part.ts";
import type { Birth } from "../storage/store.ts";
import type { RoomHost } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { Sessions } from "./sessions.ts";

/** What rules throw is logged no more often than this, in ms. */
const REPORT_EVERY_MS = 1000;

export interface PartMakerHost extends Pick<RoomHost, "now" | "log"> {
  readonly group: PartHost;
  readonly maxLiveDocumentBytes: number;
  /** An event of the game, once its row is written. */
  event(event: GameEvent): void;
}

export class PartMaker {
  readonly #definition: AnyRoom;
  readonly #host: PartMakerHost;
  readonly #sessions: Sessions;
  readonly #journal: Journal;
  /** When it was last said that the rules threw, in ms. */
  #reportedAt = 0;

  constructor(definition: AnyRoom, host: PartMakerHost, sessions: Sessions, journal: Journal) {
    this.#definition = definition;
    this.#host = host;
    this.#sessions = sessions;
    this.#journal = journal;
  }

  document(): DocumentPart | undefined {
    if (!this.#definition.document) return undefined;
    const { group, log, maxLiveDocumentBytes } = this.#host;
    return new DocumentPart({
      host: group,
      maxLiveBytes: maxLiveDocumentBytes,
      stored: (seq) => this.#journal.section(DOCUMENT_SECTION, updatesOf, seq),
      log: (message, error) => log("info", message, error),
    });
  }

  game(birth: Birth, game: AnyGame | undefined = this.#definition.game): GamePart | undefined {
    if (!game) return undefined;
    const { group, event } = this.#host;
    return new GamePart({
      game,
      host: group,
      sessions: this.#sessions,
      secret: birth.secret ?? String(birth.seed),
      params: game["~rules"].params?.read(decoding.createDecoder(birth.params)),
      report: (error) => this.#report(game, error),
      event,
    });
  }

  /** What a client says may make rules throw as often as it likes. */
  #report({ name }: AnyGame, error: unknown): void {
    const { now, log } = this.#host;
    if (now() - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now();
    log("error", `the rules of ${name} threw`, error);
  }
}

/** The rules by which a room's bytes are read: these; or, where older ones have stored it, these with the tables of those. */
export function formerly(game: AnyGame | undefined, version: number): AnyGame | undefined {
  if (version === (game?.version ?? 0) || game?.["~rules"].compatible.includes(version)) return game;
  const state = game?.["~rules"].migrations.get(version)?.state;
  if (!game || !state)
    throw new RangeError(
      `stored by rules of version ${version}, these are version ${game?.version ?? 0} and say no way from there`,
    );
  return { ...game, version, "~rules": { ...game["~rules"], state, streams: [] } };
}
