/** A player of Coterie, by its protocol and without the SDK: what is measured is the room. */
import * as decoding from "lib0/decoding";
import { puzzle } from "../../demo/puzzle/rules.ts";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { signToken } from "coterie/auth";
import { Acks } from "../../shared/acks.ts";
import { readSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import type { AnyGame } from "../../shared/game/run.ts";
import { readAnswers, readFault, writeAct } from "../../shared/protocol/action.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { writePace } from "../../shared/protocol/flow.ts";
import { encode, frameOf, readFrame } from "../../shared/protocol/frame.ts";
import { readState, readStreams, writeMove } from "../../shared/protocol/game.ts";
import { writeHello } from "../../shared/protocol/hello.ts";
import { UP } from "../../shared/protocol/up.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import { DEV_SECRET } from "../../test/faults/workerd.ts";
import { readMoves } from "../moves.ts";
import { framed, Wire } from "../servers/wire.ts";
import type { Join } from "./player.ts";

const TOKEN_S = 60 * 60;
/** As long as a room lets a client announce that it will not be heard of. */
const QUIET_MS = 120_000;
const rules = (puzzle as AnyGame)["~rules"];
const grab = rules.actions.find(({ name }) => name === "grab")!;
const POINT = puzzleRoom.presence.type;

export const joinCoterie: Join = async ({ port, room, cols, rows }, user, moved) => {
  const token = await signToken({
    key: DEV_SECRET,
    user: { id: user, name: user },
    rooms: { [`${puzzleRoom.name}:*`]: ["presence", "write", "create"] },
    expiresInSeconds: TOKEN_S,
  });
  const whole = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const acks = new Acks();
  let number = 0;
  /** Until the table and the piece are there everything is read; then only by who looks. */
  let looks = true;

  const start = performance.now();
  const wire = await Wire.open(
    port,
    `/parties/${puzzleRoom.name}/${room}`,
    (body) => {
      const ack = acks.read(body.length);
      if (ack) wire.send(framed(ack));
      if (looks) for (const message of readFrame(body)) take(message);
    },
    ["coterie.v1", `auth.${token}`],
  );
  void wire.ended.then(() => {
    const error = new Error(`closed with ${wire.closed}`);
    whole.reject(error);
    taken.reject(error);
  });
  taken.promise.catch(() => {}); // nobody may have asked

  function say(type: number, body: Uint8Array): void {
    wire.send(framed(frameOf(type, body)));
  }

  function take({ type, body }: { type: number; body: decoding.Decoder }): void {
    if (type === DOWN.state) {
      readSnapshot(decoding.createDecoder(readState(body).snapshot), new GameState(rules.state));
      whole.resolve();
    } else if (type === DOWN.answers) {
      const [first] = readAnswers(body).answers;
      if (first?.answer.kind === "done") taken.resolve();
      else taken.reject(new Error(`the piece could not be taken: ${JSON.stringify(first)}`));
    } else if (type === DOWN.fault) {
      const { code, message } = readFault(body);
      taken.reject(new Error(`${user}: ${code}, ${message}`));
    } else if (type === DOWN.streams && moved) readMoves(readStreams(body).body, moved);
  }

  say(
    UP.hello,
    writeHello({
      protocol: PROTOCOL_VERSION,
      gameVersion: puzzle.version,
      session: crypto.randomUUID(),
      seq: 0,
      epoch: 0,
      presence: encode((to) => POINT.write(to, { cursor: null })),
      create: encode((to) => rules.params!.write(to, { cols, rows, picture: 0, seed: 7 })),
    }),
  );
  // It may be long until it has something to say: others come one after the other.
  say(UP.pace, writePace(QUIET_MS));
  await whole.promise;
  const joinMs = performance.now() - start;
  return {
    joinMs,
    get bytes() {
      return wire.bytes;
    },
    get closed() {
      return wire.closed;
    },
    async take(piece) {
      say(
        UP.act,
        writeAct({ number: ++number, action: grab.number, input: encode((to) => grab.input!.write(to, { g: piece })) }),
      );
      await taken.promise;
      looks = moved !== undefined;
    },
    move(piece, x, y) {
      const at = Buffer.alloc(4);
      at.writeInt16LE(x, 0);
      at.writeInt16LE(y, 2);
      say(UP.move, writeMove(0, piece, at));
    },
    close: () => wire.close(),
  };
};
