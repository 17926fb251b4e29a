/**
 * Live values of rows on the client: one's own, shown at once and sent at the stream's rate, and everyone's as they come.
 * What is shown of a cell, topmost first: one's own value; what a pending action wrote; the room's live value; the table.
 * One's own value stands while the stream's own rule says it may: when the lease it rests on is refused, or given back
 * by an action, it goes in the same frame.
 */
import * as decoding from "lib0/decoding";
import type { Rules, StreamMove } from "../../shared/game/define-game.ts";
import { Overlay, STREAM_TTL_MS } from "../../shared/game/overlay.ts";
import { may } from "../../shared/game/run.ts";
import type { TableData } from "../../shared/game/table.ts";
import { column, type GameState } from "../../shared/game/tables.ts";
import { encode, type Frame } from "../../shared/protocol/frame.ts";
import { wholeTime, writeMove, type Streams } from "../../shared/protocol/game.ts";
import { UP } from "../../shared/protocol/up.ts";
import { Motion } from "./motion.ts";
import type { ClientHost } from "./part.ts";

/** The most bytes that a move's numbers take before its values. */
const MOVE_BYTES = 16;

interface Lane {
  readonly move: StreamMove;
  readonly table: TableData;
  readonly columns: readonly number[];
  /** Those of the columns that are numbers, by their place among them. */
  readonly numeric: readonly number[];
  /** Others' values on their way. */
  readonly motion: Motion;
  /** Rows whose value ended in this frame: where they lie now is known when it is through. */
  readonly ended: Set<number>;
  /** One's own values: row → values and when they were last sent. */
  readonly own: Map<number, { values: unknown[]; unsent: boolean; sentAt: number; at: number }>;
}

export interface StreamsOwner {
  params(): unknown;
  /** What is shown of this row may have changed. */
  touch(table: number, id: number): void;
}

export class StreamsClient {
  readonly #rules: Rules;
  readonly #state: GameState;
  readonly #host: ClientHost;
  readonly #owner: StreamsOwner;
  readonly #lanes: readonly Lane[];
  readonly #overlay: Overlay;
  /** Cells that pending actions wrote: `column + 32 · (id + 2²⁰ · table)`. */
  readonly #predicted = new Set<number>();
  /** What `room.motion` is. */
  readonly motion: Record<string, (row: number) => Readonly<Record<string, number>> | undefined> = {};
  #sweeping = false;

  constructor(rules: Rules, state: GameState, host: ClientHost, owner: StreamsOwner) {
    this.#rules = rules;
    this.#state = state;
    this.#host = host;
    this.#owner = owner;
    this.#overlay = new Overlay(rules.streams.length);
    this.#lanes = rules.streams.map((move) => {
      const table = state.table(move.table);
      const columns = move.columns.map((name) => column(table, name));
      const numeric = columns.flatMap((col, place) => (typeof table.types[col]!.zero === "number" ? [place] : []));
      return { move, table, columns, numeric, motion: new Motion(move.hz), ended: new Set(), own: new Map() };
    });
    for (const lane of this.#lanes) this.motion[lane.move.name] = (row) => this.#inMotion(lane, row);
  }

  shown(table: number, id: number, col: number, value: unknown): unknown {
    let shown = value;
    for (const [stream, lane] of this.#lanes.entries()) {
      const index = lane.table.number === table ? lane.columns.indexOf(col) : -1;
      if (index === -1) continue;
      const own = lane.own.get(id);
      if (own) return own.values[index];
      const live = this.#overlay.get(stream, id);
      if (live && !this.#predicted.has(cell(table, id, col))) shown = live.values[index];
    }
    return shown;
  }

  // ---- one's own

  set(move: StreamMove, input: unknown): void {
    const lane = this.#lanes[move.number]!;
    const given = (input ?? {}) as Record<string, unknown>;
    const row = given["id"];
    const values = lane.columns.map((col, index) =>
      lane.table.types[col]!.check(given[move.columns[index]!], [move.name, move.columns[index]!]),
    );
    if (typeof row !== "number" || !this.#may(lane, row)) return; // as the room would: what may not be is not shown
    const own = lane.own.get(row);
    lane.own.set(row, { values, unsent: true, sentAt: own?.sentAt ?? -Infinity, at: this.#host.now() });
    this.#owner.touch(lane.table.number, row);
    this.#sweepLater();
    this.#host.flush();
    this.#host.changed();
  }

  #may(lane: Lane, row: number): boolean {
    const caller = { me: this.#host.me(), now: this.#host.serverNow(), seed: 0 };
    return may(this.#rules, lane.move, this.#state, this.#owner.params(), caller, row);
  }

  /** The ground has changed: one's own values that may no longer be are gone. */
  recheck(): void {
    for (const lane of this.#lanes)
      for (const row of lane.own.keys())
        if (!this.#may(lane, row)) {
          lane.own.delete(row);
          this.#owner.touch(lane.table.number, row);
        }
  }

  /** A new connection: the room has forgotten what it was told. */
  again(): void {
    for (const lane of this.#lanes) for (const own of lane.own.values()) own.unsent = true;
  }

  send(frame: Frame): void {
    const now = this.#host.now();
    for (const [stream, { move, table, columns, own }] of this.#lanes.entries())
      for (const [row, entry] of own) {
        if (!entry.unsent) continue;
        const wait = entry.sentAt + 1000 / move.hz - now;
        if (wait > 1) {
          this.#host.flush(wait);
          continue;
        }
        const values = encode((to) => columns.forEach((col, index) => table.types[col]!.write(to, entry.values[index])));
        if (!frame.fits(values.length + MOVE_BYTES)) return this.#host.flush();
        entry.unsent = false;
        entry.sentAt = now;
        frame.add(UP.move, writeMove(stream, row, values));
      }
  }

  // ---- pending actions

  predicted(table: number, id: number, col: number): void {
    this.#predicted.add(cell(table, id, col));
  }

  unpredicted(): void {
    this.#predicted.clear();
  }

  // ---- the room's

  receive({ at: said, body: from }: Streams): void {
    const at = this.#host.now();
    const now = this.#host.serverNow();
    const saidAt = wholeTime(said, now);
    while (decoding.hasContent(from)) {
      const stream = decoding.readVarUint(from);
      const lane = this.#lanes[stream];
      if (!lane) throw new RangeError(`stream ${stream} of ${this.#lanes.length}`);
      for (let left = decoding.readVarUint(from); left > 0; left--) this.#end(stream, lane, decoding.readVarUint(from));
      for (let left = decoding.readVarUint(from); left > 0; left--) {
        const row = decoding.readVarUint(from);
        const values = lane.columns.map((col) => lane.table.types[col]!.read(from));
        if (!this.#isOwn(lane, row))
          lane.motion.heard(row, saidAt, now, () => numbers(lane, this.#lying(lane, row) ?? values), numbers(lane, values));
        this.#overlay.set({ stream, row, session: 0, values, at });
        this.#owner.touch(lane.table.number, row);
      }
    }
    this.#sweepLater();
  }

  /** A durable change wrote this row: what streams said of it before is over. */
  written(table: number, id: number): void {
    for (const [stream, lane] of this.#lanes.entries())
      if (lane.table.number === table && this.#overlay.delete(stream, id)) lane.ended.add(id);
  }

  /** The frame is through. */
  settled(): void {
    for (const lane of this.#lanes) {
      for (const row of lane.ended) this.#arrives(lane, row);
      lane.ended.clear();
    }
  }

  #arrives(lane: Lane, row: number): void {
    const lying = this.#lying(lane, row);
    lane.motion.ended(row, this.#host.serverNow(), lying && numbers(lane, lying));
  }

  /** The row's columns of this stream as they are without it; undefined: there is no such row. */
  #lying({ table, columns }: Lane, row: number): unknown[] | undefined {
    return table.has(row) ? columns.map((col) => table.get(row, col)) : undefined;
  }

  /** This page moves it, or has, and what comes of that is an echo. */
  #isOwn({ own, table, columns }: Lane, row: number): boolean {
    return own.has(row) || this.#predicted.has(cell(table.number, row, columns[0]!));
  }

  #inMotion(lane: Lane, row: number): Readonly<Record<string, number>> | undefined {
    if (this.#isOwn(lane, row)) {
      lane.motion.forget(row);
      return undefined;
    }
    const at = lane.motion.at(row, this.#host.serverNow());
    return at && Object.fromEntries(at.map((value, index) => [lane.move.columns[lane.numeric[index]!]!, value]));
  }

  newLife(): void {
    for (const { stream, row } of this.#overlay) this.#owner.touch(this.#lanes[stream]!.table.number, row);
    this.#overlay.clear();
    for (const { motion } of this.#lanes) motion.clear();
    this.again();
  }

  #end(stream: number, lane: Lane, row: number): void {
    if (!this.#overlay.delete(stream, row)) return;
    lane.ended.add(row);
    this.#owner.touch(lane.table.number, row);
  }

  /** A value that nobody renews ends by itself. */
  #sweepLater(): void {
    const isEmpty = this.#lanes.every(({ own, motion }) => own.size === 0 && motion.size === 0);
    if (this.#sweeping || (this.#overlay.size === 0 && isEmpty)) return;
    this.#sweeping = true;
    this.#host.after(STREAM_TTL_MS / 2, () => {
      this.#sweeping = false;
      const oldest = this.#host.now() - STREAM_TTL_MS;
      const ended = this.#overlay.end((entry) => entry.at < oldest);
      for (const { stream, row } of ended) {
        this.#owner.touch(this.#lanes[stream]!.table.number, row);
        this.#arrives(this.#lanes[stream]!, row);
      }
      for (const { motion } of this.#lanes) motion.sweep(this.#host.serverNow());
      let over = ended.length;
      for (const { own, table } of this.#lanes)
        for (const [row, { at }] of own)
          if (at < oldest && own.delete(row)) {
            this.#owner.touch(table.number, row);
            over++;
          }
      if (over > 0) this.#host.changed();
      this.#sweepLater();
    });
  }
}

const numbers = ({ numeric }: Lane, values: readonly unknown[]): number[] => numeric.map((place) => values[place] as number);

const cell = (table: number, id: number, col: number): number => col + 32 * (id + 2 ** 20 * table);
