/** A player of Colyseus, by its protocol and without its SDK; what comes is read with its own decoder, by who looks. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { framed, Wire } from "../servers/wire.ts";
import type { Join } from "./player.ts";

const JOIN_ROOM = 10;
const STATE = 14;
const PATCH = 15;
const DATA_BYTES = 17;

/** Of @colyseus/schema, as far as it is used here: it is installed with what is compared, not with the project. */
interface Change {
  readonly ref: object;
  readonly field: string;
  readonly value: number;
}
interface Decoder {
  readonly state: { readonly pieces: { forEach(run: (piece: object, id: string) => void): void } };
  triggerChanges?: (changes: readonly Change[]) => void;
  decode(bytes: Uint8Array, at: { offset: number }): void;
}
interface Schema {
  readonly Reflection: { decode(bytes: Uint8Array, at: { offset: number }): Decoder };
  readonly decode: { number(bytes: Uint8Array, at: { offset: number }): number };
}
const SCHEMA = pathToFileURL(fileURLToPath(new URL("../peers/node_modules/@colyseus/schema/build/index.mjs", import.meta.url)));

export const joinColyseus: Join = async ({ port, room, cols, rows }, _user, moved) => {
  const { Reflection, decode } = (await import(SCHEMA.href)) as Schema;
  const whole = Promise.withResolvers<void>();
  const ids = new Map<object, number>();
  let decoder: Decoder | undefined;
  let looks = true;

  const start = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/matchmake/joinOrCreate/puzzle`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ table: room, pieces: cols * rows }),
  });
  if (!response.ok) throw new Error(`Colyseus answered ${response.status}: ${await response.text()}`);
  const seat = (await response.json()) as { processId: string; roomId: string; sessionId: string };
  const opened = Wire.open(port, `/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`, (body) => {
    if (!looks) return;
    const at = { offset: 1 };
    if (body[0] === JOIN_ROOM) {
      for (let text = 0; text < 2; text++) at.offset += 1 + body[at.offset]!; // a token, the serializer's name
      const end = decode.number(body, at) + at.offset;
      decoder = Reflection.decode(body.subarray(0, end), at);
      void opened.then((wire) => wire.send(framed(Uint8Array.of(JOIN_ROOM)))); // it may come with the upgrade's own answer
    } else if (body[0] === STATE) {
      decoder!.decode(body, at);
      decoder!.state.pieces.forEach((piece, id) => ids.set(piece, Number(id)));
      whole.resolve();
      if (moved)
        decoder!.triggerChanges = (changes) => {
          for (const { ref, field, value } of changes) if (field === "x") moved(ids.get(ref)!, value);
        };
    } else if (body[0] === PATCH) decoder!.decode(body, at);
  });
  const wire = await opened;
  void wire.ended.then(() => whole.reject(new Error(`Colyseus closed with ${wire.closed}`)));
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
    take(piece) {
      const body = Buffer.alloc(2);
      body.writeUInt16LE(piece);
      wire.send(message("grab", body));
      looks = moved !== undefined;
      return Promise.resolve();
    },
    move(piece, x, y) {
      const body = Buffer.alloc(6);
      body.writeUInt16LE(piece, 0);
      body.writeInt16LE(x, 2);
      body.writeInt16LE(y, 4);
      wire.send(message("move", body));
    },
    close: () => wire.close(),
  };
};

/** A short text goes with its length in one byte. */
function message(type: string, body: Buffer): Buffer {
  return framed(Buffer.concat([Uint8Array.of(DATA_BYTES, 0xa0 | type.length), Buffer.from(type), body]));
}
