/** Players at the demo's puzzle: each has a loose piece of its own, by its seat, and plays with it as a person would. */
import { check } from "k6";
import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { PuzzleParams } from "../../../demo/puzzle/grid.ts";
import { puzzleRoom } from "../../../demo/puzzle/room.ts";
import { puzzle } from "../../../demo/puzzle/rules.ts";
import { state } from "../../../demo/puzzle/state.ts";
import { readId } from "../../../shared/game/delta.ts";
import type { AnyGame } from "../../../shared/game/run.ts";
import { encode } from "../../../shared/protocol/frame.ts";
import { writeMove } from "../../../shared/protocol/game.ts";
import { UP } from "../../../shared/protocol/up.ts";
import type { Wire } from "../../../shared/schema/wire.ts";
import { readMoves } from "../../moves.ts";
import { REFUSED_MS, token } from "./guest.ts";
import { RoomSocket, type Closed } from "./room-socket.ts";
import { looks, placeOf, type Setting } from "./setting.ts";
import { now, pulse, Sightings, stampOf, wait } from "./time.ts";

const rules = (puzzle as AnyGame)["~rules"];
const action = (name: string): (typeof rules.actions)[number] => rules.actions.find((each) => each.name === name)!;
const [grab, drop] = [action("grab"), action("drop")];
const COLUMNS = [state.groups.shape["x"], state.groups.shape["y"]] as Wire<number>[];
const PRESENCE = puzzleRoom.presence;

/** From a hand's movement until another player sees it, or a later one. */
const moveMs = new Trend("move_ms", true);
/** From the moment an action was meant until it was answered, which is when it is durable. */
const actionMs = new Trend("action_ms", true);
/** From wishing to enter until everything is there. */
const joinMs = new Trend("join_ms", true);
const moves = new Counter("moves");
const drops = new Counter("drops");
/** The frames of a beat, as one who looks is sent them. */
const frameBytes = new Trend("frame_bytes");

export const DRAG_MS = 1000 / 30;
const CURSOR_MS = 1000 / 20;

/** 500 pieces, or as many as a large room needs. */
export const table = (seats: number): PuzzleParams => ({
  cols: seats > 500 ? 40 : 25,
  rows: seats > 500 ? 25 : 20,
  picture: 0,
  seed: 7,
});

export type Point = { readonly x: number; readonly y: number } | null;
const presence = (cursor: Point): Uint8Array => encode((to) => PRESENCE.type.write(to, { cursor }));
/** A presence of which the cursor has changed. */
export const writeCursor = (cursor: Point): Uint8Array => encode((to) => PRESENCE.writeChange(to, 1, { cursor }));
export const readCursor = (fields: decoding.Decoder): Point => PRESENCE.readChange(fields, { cursor: null }).presence.cursor;

export interface Player {
  readonly socket: RoomSocket;
  readonly seat: number;
  /** Where the seat's piece lies; undefined when it was not told. */
  readonly piece: { readonly x: number; readonly y: number } | undefined;
  readonly resumed: boolean;
  readonly connection: number;
}

export interface Coming {
  /** Default: the one that this user's number gives. */
  readonly room?: string;
  readonly seat?: number;
  readonly params: PuzzleParams;
  readonly session?: string;
  readonly from?: { readonly seq: number; readonly epoch: number };
  /** When one wished to enter. Default: now. */
  readonly at?: number;
  /** Called with the time it took, in ms. Default: it is a `join_ms`. */
  readonly took?: (ms: number) => void;
}

/** Enters a puzzle. Undefined, and a check that failed, where the room cannot be entered. */
export async function enter({ run }: Setting, coming: Coming): Promise<Player | undefined> {
  const place = placeOf(exec.vu.idInTest);
  const { room = `load-${run}-${place.room}`, seat = place.seat, params, at = now(), took = (ms) => joinMs.add(ms) } = coming;
  const socket = new RoomSocket({
    party: puzzleRoom.name,
    room,
    token: await token(),
    session: coming.session ?? `${run}-${exec.vu.idInTest}-${exec.vu.iterationInScenario}`,
    gameVersion: puzzle.version,
    presence: presence(null),
    create: encode((to) => rules.params!.write(to, params)),
    ...(coming.from && { from: coming.from }),
  });
  const entered = await socket.entered.catch(() => undefined);
  check(entered, { "entered the room": (seated) => seated !== undefined });
  if (!entered) {
    await wait(REFUSED_MS);
    return undefined;
  }
  took(now() - at);
  const { welcome, snapshot } = entered;
  return {
    socket,
    seat,
    piece: snapshot && pieceIn(snapshot, seat),
    resumed: welcome.resumed,
    connection: welcome.connection,
  };
}

/** Where a piece lies, as a snapshot says in its first table, column by column: no more of it is read. */
function pieceIn(snapshot: Uint8Array, seat: number): { x: number; y: number } | undefined {
  const from = decoding.createDecoder(snapshot);
  const ids: number[] = [];
  for (let rows = decoding.readVarUint(from); rows > 0; rows--) ids.push(readId(from, ids.at(-1) ?? -1));
  const [x, y] = COLUMNS.map((type) => ids.map(() => type.read(from)));
  const row = ids.indexOf(seat);
  return row === -1 ? undefined : { x: x![row]!, y: y![row]! };
}

/** Plays until `until`: points about, takes the piece, drags it, puts it back; then leaves. Resolves with how it ended. */
export async function play(player: Player, until: number): Promise<Closed> {
  const { socket, seat, piece } = player;
  if (looks(seat)) {
    const sightings = new Sightings(DRAG_MS, (ms) => moveMs.add(ms));
    socket.watch = {
      streams: (rows) => readMoves(rows, (id, x, y) => id !== seat && sightings.see(id, { x, y })),
      frame: (bytes) => frameBytes.add(bytes),
    };
  }
  if (piece) await turns(socket, seat, piece, until);
  socket.close();
  return socket.closed;
}

async function turns(socket: RoomSocket, seat: number, piece: { x: number; y: number }, until: number): Promise<void> {
  while (socket.isOpen && now() < until) {
    await point(socket, 500 + Math.random() * 500);
    const taken = await act(socket, grab, { g: seat });
    if (taken) await drag(socket, seat, 2000 + Math.random() * 2000, () => now() < until);
    if (taken && (await act(socket, drop, { g: seat, ...piece }))) drops.add(1);
    await wait(200);
  }
}

/** The cursor goes about for so many ms. */
async function point(socket: RoomSocket, ms: number): Promise<void> {
  const end = now() + ms;
  await pulse(
    CURSOR_MS,
    (at, count) => {
      socket.say([UP.presence, writeCursor({ x: (count * 40) % 3000, y: 200 })]);
      return at < end;
    },
    { paceMs: () => socket.paceMs },
  );
}

async function drag(socket: RoomSocket, row: number, ms: number, goesOn: () => boolean): Promise<void> {
  const end = now() + ms;
  let said = -1;
  await pulse(
    DRAG_MS,
    (at, count) => {
      const { x, y } = stampOf(at, count);
      socket.say([UP.move, writeMove(0, row, pair(x, y))]);
      moves.add(count - said);
      said = count;
      return at < end && socket.isOpen && goesOn();
    },
    { paceMs: () => socket.paceMs },
  );
}

/** Whether it was done; a refusal, or a socket that closes, is a check that failed. */
async function act(socket: RoomSocket, { number, input }: typeof grab, value: object): Promise<boolean> {
  const at = now();
  const answer = await socket
    .act(
      number,
      encode((to) => input!.write(to, value)),
    )
    .catch(() => undefined);
  const done = check(answer, { "the action was done": (given) => given?.kind === "done" });
  if (done) actionMs.add(now() - at);
  return done;
}

/** The stream's two columns, as they are on the wire. */
const pair = (x: number, y: number): Uint8Array =>
  encode((to) => {
    encoding.writeUint16(to, x & 0xffff);
    encoding.writeUint16(to, y & 0xffff);
  });
