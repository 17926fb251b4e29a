/**
 * One that floods, whatever it is told. It runs in a thread of its own, or it would hold up the clocks of those whom it is
 * to be kept from holding up.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { encode } from "../../shared/protocol/frame.ts";
import { writeEventUp } from "../../shared/protocol/people.ts";
import { UP } from "../../shared/protocol/up.ts";
import { boardRoom } from "../kit/board-game.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { masked, RawSocket } from "./raw-socket.ts";

/** When it is closed: it is back at once, or goes on sending on the socket that was closed, which it never gives up. */
export type Manner = "comes back" | "goes on";

export interface FloodOrder {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  readonly manner: Manner;
  readonly framesPerSecond: number;
}

/** What it says when it is told to stop. */
export interface FloodReport {
  /** How often it was let in, and with which codes it was closed. */
  readonly lives: number;
  readonly closed: Readonly<Record<string, number>>;
  /** Frames that its sockets took. */
  readonly sent: number;
  /** From its first frame to its first close, in ms. */
  readonly firstCutMs: number;
}

/** Frames in one write. */
const BATCH = 100;
/** Something everybody is told: the dearest that a short frame can ask for. */
const wave = encode((to) => Object.values(boardRoom.events)[0]!.write(to, { hand: "left" }));
const FRAME = masked(frameOf([UP.event, writeEventUp(0, wave)]));

const { port, path, token, manner, framesPerSecond } = workerData as FloodOrder;
const batch = Buffer.concat(Array.from({ length: BATCH }, () => FRAME));
const end = new AbortController();
parentPort!.once("message", () => end.abort());

/** Sends at its pace, or as fast as the socket takes it, while `more()`. */
async function pour(socket: RawSocket, more: () => boolean): Promise<void> {
  let due = performance.now();
  while (!end.signal.aborted && socket.open && more()) {
    sent += BATCH;
    if (!socket.send(batch)) await socket.drained();
    due = Math.max(due + (BATCH * 1000) / framesPerSecond, performance.now() - 100); // what was late is not made up for
    await sleep(Math.max(0, due - performance.now()));
  }
}

const startedAt = performance.now();
let firstCutMs = Infinity;
let [lives, sent] = [0, 0];
const closed: Record<string, number> = {};
while (!end.signal.aborted) {
  const socket = await RawSocket.open(port, path, token);
  lives++;
  socket.send(masked(helloFrame(boardRoom, randomUUID())));
  await pour(socket, () => socket.closeCode === undefined);
  if (socket.closeCode !== undefined) {
    firstCutMs = Math.min(firstCutMs, performance.now() - startedAt);
    closed[socket.closeCode] = (closed[socket.closeCode] ?? 0) + 1;
    if (manner === "goes on") await pour(socket, () => true);
  }
  socket.destroy();
}
parentPort!.postMessage({ lives, closed, sent, firstCutMs } satisfies FloodReport);
