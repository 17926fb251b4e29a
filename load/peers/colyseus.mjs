/**
 * `PORT= PATCH_MS= node colyseus.mjs`: the same table in Colyseus: pieces in a map, a piece is moved by who has taken it,
 * and what has changed goes out every PATCH_MS. Nothing is stored.
 */
import { Room, Server } from "@colyseus/core";
import { Encoder, MapSchema, schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";

Encoder.BUFFER_SIZE = 1024 * 1024; // a table of 10,000 fits
const Piece = schema({ x: t.int16(), y: t.int16(), z: t.uint32(), heldBy: t.uint16(), size: t.uint16() });
const Table = schema({ pieces: t.map(Piece) });

class Puzzle extends Room {
  maxMessagesPerSecond = Infinity;
  patchRate = Number(process.env.PATCH_MS);
  state = new Table();
  players = 0;

  onCreate({ pieces }) {
    this.autoDispose = false;
    this.state.pieces = new MapSchema();
    for (let id = 0; id < pieces; id++)
      this.state.pieces.set(String(id), new Piece().assign({ x: id % 1000, y: id % 777, z: id, heldBy: 0, size: 1 }));
    const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.onMessageBytes("grab", (client, bytes) => {
      const piece = this.state.pieces.get(String(view(bytes).getUint16(0, true)));
      if (piece?.heldBy === 0) piece.heldBy = client.userData;
    });
    this.onMessageBytes("move", (client, bytes) => {
      const at = view(bytes);
      const piece = this.state.pieces.get(String(at.getUint16(0, true)));
      if (piece?.heldBy !== client.userData) return;
      piece.x = at.getInt16(2, true);
      piece.y = at.getInt16(4, true);
    });
  }

  onJoin(client) {
    client.userData = ++this.players;
  }
}

const server = new Server({ greet: false, transport: new WebSocketTransport() });
server.define("puzzle", Puzzle).filterBy(["table"]);
await server.listen(Number(process.env.PORT), "127.0.0.1");
