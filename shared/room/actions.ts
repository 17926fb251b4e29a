/** The types of `room.do` and `room.broadcast`, which the browser's room and `getRoom` on the server share. */
import type { Action, GameTypes, Stream } from "../game/define-game.ts";
import type { In } from "../schema/compose.ts";
import type { AnyRoom } from "./define-room.ts";

/** What became of an action: the row that holds it, and what it returned. */
export interface Done<V> {
  readonly seq: number;
  readonly value: V;
}

/** Actions resolve when they are durable and reject with a RoomError; streams return nothing. */
export type Actions<X extends GameTypes> = {
  readonly [K in keyof X["actions"]]: X["actions"][K] extends Stream<infer I>
    ? (input: I) => void
    : X["actions"][K] extends Action<infer I, infer V>
      ? (...input: I extends void ? [] : [I]) => Promise<Done<V>>
      : never;
};

/** Where a row of a stream is on its way, by its id: the stream's columns that are numbers. Undefined where it lies still. */
export type Motions<X extends GameTypes> = {
  readonly [K in keyof X["actions"] as X["actions"][K] extends Stream<infer _> ? K : never]: X["actions"][K] extends Stream<
    infer I
  >
    ? (id: number) => { readonly [C in keyof I as C extends "id" ? never : I[C] extends number ? C : never]: number } | undefined
    : never;
};

export type Broadcast<D extends AnyRoom> = <K extends keyof D["~types"]["events"] & string>(
  type: K,
  data: In<D["~types"]["events"][K]>,
) => void;
