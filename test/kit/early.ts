/**
 * Listens to everything that the clients of a simulation are given, and says what came too early: what a crash at that
 * instant would take back, and a live value before the grab that allows it.
 */
import * as decoding from "lib0/decoding";
import { readDown, type Down } from "../../shared/protocol/down.ts";
import { readFrame } from "../../shared/protocol/frame.ts";
import type { BoardRoom } from "./board.ts";
import type { Simulation } from "./simulation.ts";

/** The list grows as the simulation runs. `roomOf`: what a user is shown. */
export function shownTooEarly(simulation: Simulation, roomOf: (user: string) => BoardRoom | undefined): readonly string[] {
  const early: string[] = [];
  simulation.onDelivered = (to, bytes) => {
    const durable = simulation.durable.rows(0).at(-1)?.seq ?? 0;
    for (const message of readFrame(bytes)) {
      const down = readDown(message);
      if (!down) continue;
      for (const seq of rowsTold(down))
        if (seq > durable) early.push(`[P1] ${to} was shown the ${down.kind} of row ${seq} when row ${durable} was durable`);
      for (const id of piecesMoved(down))
        if (roomOf(to)?.confirmed.pieces.get(id)?.heldBy === 0)
          early.push(`[P1] ${to} was shown piece ${id} move before it was shown who holds it`);
    }
  };
  return early;
}

/** The rows whose content a message tells. */
function rowsTold(down: Down): number[] {
  if (down.kind === "answers") return down.answers.map(({ seq }) => seq);
  return down.kind === "delta" || down.kind === "state" ? [down.seq] : [];
}

/** The board has one stream, of two 16-bit columns. */
function piecesMoved(down: Down): number[] {
  if (down.kind !== "streams") return [];
  const moved: number[] = [];
  while (decoding.hasContent(down.body)) {
    decoding.readVarUint(down.body); // the stream
    for (let ended = decoding.readVarUint(down.body); ended > 0; ended--) decoding.readVarUint(down.body);
    for (let rows = decoding.readVarUint(down.body); rows > 0; rows--) {
      moved.push(decoding.readVarUint(down.body));
      decoding.readUint16(down.body);
      decoding.readUint16(down.body);
    }
  }
  return moved;
}
