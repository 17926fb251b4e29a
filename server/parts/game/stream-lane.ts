/**
 * The streams of a game: live values of rows, latest wins, shown at once and never kept. A value that rests on something
 * the open group wrote waits for that group, so that nobody sees an effect before its cause.
 *
 *     streams := varUint(at) { varUint(stream) varUint(ended) id* varUint(rows) { varUint(id) value* }* }*
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import type { StreamMove } from "../../../shared/game/define-game.ts";
import { Overlay, STREAM_TTL_MS, type OverlayEntry } from "../../../shared/game/overlay.ts";
import { may, type AnyGame } from "../../../shared/game/run.ts";
import type { TableData } from "../../../shared/game/table.ts";
import { column, type GameState } from "../../../shared/game/tables.ts";
import type { Write } from "../../../shared/game/undo-log.ts";
import { DOWN } from "../../../shared/protocol/down.ts";
import { encode, type Frame } from "../../../shared/protocol/frame.ts";
import { writeStreams, type Move } from "../../../shared/protocol/game.ts";
import type { Wire } from "../../../shared/schema/wire.ts";
import type { Connection } from "../../room/connections.ts";
import { Refusal, type PartHost } from "../part.ts";

/** Whose live values are the room's own. */
const ROOM = 0;

/** A stream with what its declaration stands for in this state. */
interface Lane {
  readonly move: StreamMove;
  readonly table: TableData;
  readonly types: readonly Wire<unknown>[];
  readonly columns: readonly number[];
  /** Rows with a value that has not been shown. */
  readonly fresh: Set<number>;
  /** Rows whose value ended without an action that wrote them. */
  readonly ended: Set<number>;
}

export class StreamLane {
  readonly #game: AnyGame;
  readonly #state: GameState;
  readonly #params: unknown;
  readonly #host: PartHost;
  readonly #overlay: Overlay;
  readonly #lanes: readonly Lane[];
  /** Per table: the rows that the open group has written. */
  readonly #open: Set<number>[];
  /** State as it is shown: live values above the tables. What is written there becomes a live value. */
  readonly draft: unknown;

  constructor(game: AnyGame, state: GameState, params: unknown, host: PartHost) {
    this.#game = game;
    this.#state = state;
    this.#params = params;
    this.#host = host;
    const { streams } = game["~rules"];
    this.#overlay = new Overlay(streams.length);
    this.#lanes = streams.map((move) => {
      const table = state.table(move.table);
      return {
        move,
        table,
        types: move.columns.map((name) => table.types[column(table, name)]!),
        columns: move.columns.map((name) => column(table, name)),
        fresh: new Set(),
        ended: new Set(),
      };
    });
    this.#open = state.tables.map(() => new Set());
    const never = (table: TableData): never => {
      throw new RangeError(`tick adds and deletes no rows of ${table.name}: that is for an action, c.after(0, …)`);
    };
    this.draft = state.makeDraft({
      get: (table, id, col) => this.#shown(table, id, col),
      set: (table, id, col, value) => this.#say(table, id, col, value),
      add: never,
      delete: never,
    });
  }

  /** The stream that sets this column, and the column's place in it. */
  #laneOf(table: TableData, col: number): [stream: number, lane: Lane, place: number] | undefined {
    for (const [stream, lane] of this.#lanes.entries()) {
      const place = lane.table === table ? lane.columns.indexOf(col) : -1;
      if (place !== -1) return [stream, lane, place];
    }
    return undefined;
  }

  #shown(table: TableData, id: number, col: number): unknown {
    const [stream, , place] = this.#laneOf(table, col) ?? [];
    const live = stream === undefined ? undefined : this.#overlay.get(stream, id);
    const over = live !== undefined && live.at <= this.#host.now() - STREAM_TTL_MS;
    return live && !over ? live.values[place!] : table.get(id, col);
  }

  /** The room sets a live value of its own. */
  #say(table: TableData, row: number, col: number, value: unknown): void {
    const found = this.#laneOf(table, col);
    if (!found)
      throw new RangeError(
        `tick writes ${table.name}.${table.columns[col]}, which no stream declares: what lasts is for an action, c.after(0, …)`,
      );
    const [stream, lane, place] = found;
    const now = this.#host.now();
    const before = this.#overlay.get(stream, row);
    // What stands still is said again before it would end.
    if (before && Object.is(before.values[place], value) && now - before.at < STREAM_TTL_MS / 2) return;
    const values = lane.columns.map((each, index) => (index === place ? value : this.#shown(table, row, each)));
    this.#put({ stream, row, session: ROOM, values, at: now });
  }

  /** A value is new: it is shown when what it rests on is. */
  #put(entry: OverlayEntry): void {
    const lane = this.#lanes[entry.stream]!;
    this.#overlay.set(entry);
    lane.fresh.add(entry.row);
    lane.ended.delete(entry.row);
    if (this.#open[lane.table.number]!.has(entry.row)) this.#host.markGroup();
    else this.#host.mark();
  }

  /** Takes a value, if its sender may set it as things stand. A value that comes too late is dropped without a word. */
  move(connection: Connection, { stream, row, values }: Move): void {
    const lane = this.#lanes[stream];
    if (!lane) throw new Refusal("unknown-action", `stream ${stream}, expected 0 to ${this.#lanes.length - 1}`);
    const read = lane.types.map((type) => type.read(values));
    if (decoding.hasContent(values)) throw new Refusal("bad-input", `${lane.move.name}: bytes after its values`);
    const now = this.#host.now();
    if (!may(this.#game["~rules"], lane.move, this.#state, this.#params, { me: connection.me, now, seed: 0 }, row)) return;
    this.#put({ stream, row, session: connection.id, values: read, at: now });
  }

  /** An action wrote these: what streams said of the rows is over, and what they say next rests on the open group. */
  written(writes: readonly Write[]): void {
    for (const { table, id } of writes) {
      this.#open[table]!.add(id);
      for (const [stream, lane] of this.#lanes.entries())
        if (lane.table.number === table) {
          this.#overlay.delete(stream, id);
          lane.fresh.delete(id);
          lane.ended.delete(id); // the delta ends it for everyone
        }
    }
  }

  left(connection: Connection): void {
    for (const { stream, row } of this.#overlay.end((entry) => entry.session === connection.id)) {
      this.#lanes[stream]!.fresh.delete(row);
      this.#lanes[stream]!.ended.add(row);
      this.#host.mark();
    }
  }

  volatile(frame: Frame): void {
    this.#write(frame, (lane, row) => !this.#open[lane.table.number]!.has(row));
  }

  /** The group is closed: what rested on it may follow. */
  durable(frame: Frame): void {
    for (const rows of this.#open) rows.clear();
    this.#write(frame, () => true);
  }

  #write(frame: Frame, ready: (lane: Lane, row: number) => boolean): void {
    const body = encode((to) => {
      for (const [stream, lane] of this.#lanes.entries()) {
        const rows: OverlayEntry[] = [];
        for (const row of lane.fresh)
          if (ready(lane, row)) {
            rows.push(this.#overlay.get(stream, row)!);
            lane.fresh.delete(row);
          }
        if (rows.length > 0 || lane.ended.size > 0) this.#section(to, stream, [...lane.ended], rows);
        lane.ended.clear();
      }
    });
    this.#add(frame, body);
  }

  #add(frame: Frame, body: Uint8Array): void {
    if (body.length > 0) frame.add(DOWN.streams, writeStreams(this.#host.now(), body));
  }

  /** All that is live, for one who has just come. */
  welcome(frame: Frame): void {
    const oldest = this.#host.now() - STREAM_TTL_MS;
    const body = encode((to) => {
      for (const stream of this.#lanes.keys()) {
        const rows = [...this.#overlay].filter((entry) => entry.stream === stream && entry.at > oldest);
        if (rows.length > 0) this.#section(to, stream, [], rows);
      }
    });
    this.#add(frame, body);
  }

  #section(to: Encoder, stream: number, ended: readonly number[], rows: readonly OverlayEntry[]): void {
    encoding.writeVarUint(to, stream);
    encoding.writeVarUint(to, ended.length);
    for (const id of ended) encoding.writeVarUint(to, id);
    encoding.writeVarUint(to, rows.length);
    for (const { row, values } of rows) {
      encoding.writeVarUint(to, row);
      this.#lanes[stream]!.types.forEach((type, index) => type.write(to, values[index]));
    }
  }

  clear(): void {
    this.#overlay.clear();
    for (const lane of this.#lanes) {
      lane.fresh.clear();
      lane.ended.clear();
    }
    for (const rows of this.#open) rows.clear();
  }
}
