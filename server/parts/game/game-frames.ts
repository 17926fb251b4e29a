/**
 * A game in frames: what of a row everyone is told, and each of their own secrets; all of it, or the rows that were missed, for
 * those who come. And now and then the hash of the state, by which a client finds out that its own is another.
 */
import * as decoding from "lib0/decoding";
import { privateRows } from "../../../shared/game/delta.ts";
import { writeSnapshot } from "../../../shared/game/snapshot.ts";
import type { GameState } from "../../../shared/game/tables.ts";
import { DOWN } from "../../../shared/protocol/down.ts";
import { encode, type Frame } from "../../../shared/protocol/frame.ts";
import { writeDeltaMessage, writeHash, writeSecrets, writeState } from "../../../shared/protocol/game.ts";
import type { Connection } from "../../room/connections.ts";
import type { MissedRow } from "../part.ts";
import type { ClosedRow } from "./open-row.ts";
import { GAME_SECTION } from "./stored.ts";

/** After this many public rows everyone is told the hash of the state. */
const HASH_EVERY = 64;

export class GameFrames {
  readonly #state: GameState;
  /** There is something to say to single users. */
  readonly #hasSecrets: boolean;
  /** The newest row with public changes that clients were told of. */
  #publicSeq = 0;
  /** The hash of what everybody sees after the newest closed group, and how many public rows ago it was told. */
  #hash = 0;
  #untold = 0;
  /** The row that has just closed, until it is told. */
  #closed: ClosedRow | undefined;

  constructor(state: GameState) {
    this.#state = state;
    this.#hasSecrets = state.privateTables.length > 0;
  }

  /** The state is what storage says, with public changes up to that row. */
  restored(publicSeq: number): void {
    this.#closed = undefined;
    this.#publicSeq = publicSeq;
    this.#hash = this.#state.hash;
  }

  /** A row was closed. */
  closed(row: ClosedRow): void {
    this.#closed = row;
    this.#hash = this.#state.hash;
  }

  /** The `seq` up to which a client that has heard everything has applied changes, once that row has been told. */
  get publicSeq(): number {
    return this.#closed && this.#closed.changes.length > 0 ? this.#closed.seq : this.#publicSeq;
  }

  // ---- of the row that has closed

  /** To single users, before everyone is told the rest. */
  *secrets(connections: Iterable<Connection>): Generator<[Connection, Uint8Array]> {
    const { secrets } = this.#closed ?? {};
    if (!secrets || secrets.size === 0) return;
    for (const connection of connections) {
      const changes = connection.facts.stock === undefined ? secrets.get(connection.me) : undefined;
      if (changes) yield [connection, writeSecrets(this.publicSeq, false, changes)];
    }
  }

  /** To everyone; returns the row, which is told with this. */
  durable(frame: Frame): ClosedRow | undefined {
    const closed = this.#closed;
    this.#closed = undefined;
    if (closed && closed.changes.length > 0) {
      frame.add(DOWN.delta, writeDeltaMessage(this.#publicSeq, closed.seq, closed.changes));
      this.#publicSeq = closed.seq;
      if (++this.#untold >= HASH_EVERY) {
        this.#untold = 0;
        this.#tellHash(frame);
      }
    }
    return closed;
  }

  #tellHash(frame: Frame): void {
    frame.add(DOWN.hash, writeHash(this.#publicSeq, this.#hash));
  }

  // ---- to those who come

  whole(frame: Frame): void {
    const snapshot = encode((to) => writeSnapshot(to, this.#state, this.#state.publicTables));
    frame.add(DOWN.state, writeState(this.#publicSeq, snapshot));
  }

  missed(frame: Frame, rows: readonly MissedRow[]): void {
    let since = 0;
    for (const { seq, sections } of rows) {
      const bytes = sections.get(GAME_SECTION);
      const delta = bytes && decoding.readVarUint8Array(decoding.createDecoder(bytes));
      if (!delta || delta.length === 0) continue;
      frame.add(DOWN.delta, writeDeltaMessage(since, seq, delta));
      since = seq;
    }
  }

  personal({ me }: Connection, frame: Frame): void {
    if (this.#hasSecrets) frame.add(DOWN.secrets, writeSecrets(this.publicSeq, true, privateRows(this.#state, me)));
  }

  welcome(frame: Frame): void {
    this.#tellHash(frame);
  }
}
