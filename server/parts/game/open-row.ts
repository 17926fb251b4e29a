/**
 * What the open group holds of a game: the inputs, in order, with what they brought about, and the events. When it closes, that and
 * what the state's log of writes says is the section of its row, and what clients are told.
 *
 *     section := varUint8Array(changes) { entry }*        changes := delta { varUint(event) value }*, or empty
 */
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { privateDeltas, writeDelta } from "../../../shared/game/delta.ts";
import type { AnyGame, GameEvent } from "../../../shared/game/run.ts";
import type { GameState } from "../../../shared/game/tables.ts";
import type { Answer } from "../../../shared/protocol/action.ts";
import { encode } from "../../../shared/protocol/frame.ts";
import { writeEffect, writeInput, type Effect, type Input } from "./inputs.ts";

/** A row that is to be told of. */
export interface ClosedRow {
  readonly seq: number;
  /** The public changes: cell writes, then events. Empty when there are none. */
  readonly changes: Uint8Array;
  readonly events: readonly GameEvent[];
  /** By `c.me`: what of private tables that user sees. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
}

const NO_SECRETS: ReadonlyMap<number, Uint8Array> = new Map();

export class OpenRow {
  readonly #game: AnyGame;
  readonly #state: GameState;
  #entries: Encoder = encoding.createEncoder();
  /** How many inputs there are. */
  #inputs = 0;
  #events: GameEvent[] = [];

  constructor(game: AnyGame, state: GameState) {
    this.#game = game;
    this.#state = state;
  }

  get isEmpty(): boolean {
    return !encoding.hasContent(this.#entries);
  }

  get inputs(): number {
    return this.#inputs;
  }

  input(input: Input, answer: Answer): void {
    this.#inputs++;
    writeInput(this.#entries, input, answer);
  }

  effect(effect: Effect): void {
    writeEffect(this.#entries, effect);
  }

  emitted(events: readonly GameEvent[]): void {
    this.#events.push(...events);
  }

  /** The row is `seq`: its section, and what it holds to be told. What comes is of the next. */
  close(seq: number): { readonly section: Uint8Array; readonly row: ClosedRow } {
    const changes = this.#changes();
    const secrets = this.#secrets();
    const entries = encoding.toUint8Array(this.#entries);
    const section = encode((to) => {
      encoding.writeVarUint8Array(to, changes);
      encoding.writeUint8Array(to, entries);
    });
    const row = { seq, changes, secrets, events: this.#events };
    this.clear();
    return { section, row };
  }

  clear(): void {
    this.#entries = encoding.createEncoder();
    this.#inputs = 0;
    this.#events = [];
    this.#state.log.clear();
  }

  #changes(): Uint8Array {
    const { events: types } = this.#game["~rules"];
    const names = Object.keys(types);
    let something = this.#events.length > 0;
    const bytes = encode((to) => {
      something = writeDelta(to, this.#state, this.#state.log.since(0)) || something;
      for (const { type, data } of this.#events) {
        encoding.writeVarUint(to, names.indexOf(type));
        types[type]!.write(to, data);
      }
    });
    return something ? bytes : new Uint8Array();
  }

  /** Kept with the row, whole; and by user, to be told. */
  #secrets(): ReadonlyMap<number, Uint8Array> {
    const { privateTables, log } = this.#state;
    if (privateTables.length === 0) return NO_SECRETS;
    const secrets = privateDeltas(this.#state, log.since(0));
    const all = encode((to) => writeDelta(to, this.#state, log.since(0), privateTables));
    if (all.length > 1) this.effect({ kind: "secrets", changes: all }); // one byte says: nothing
    return secrets;
  }
}
