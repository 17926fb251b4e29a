import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serve } from "coterie/testing";
import { piecesRoom } from "./rooms.ts";

const served = await serve(new URL("wrangler.toml", import.meta.url));
after(() => served.close());

test("the worker lets two people play, and sleeps between their moves", async () => {
  const room = served.client("ann").join(piecesRoom, "our-room", { create: { count: 4 } });
  await room.ready;
  await room.do.grab({ id: 1 }); // real sockets, real SQLite, and real time: nothing has to be driven
  await served.sleep(piecesRoom, "our-room");
  await room.do.place({ id: 1, x: 7 });
  room.destroy();

  const headers = { authorization: `Bearer ${await served.token("ben", "pieces", ["read"])}` };
  const answer = await fetch(`${served.origin}/parties/pieces/our-room?part=game`, { headers });
  const { state } = (await answer.json()) as { state: { pieces: { x: number }[] } };
  assert.equal(state.pieces[1]?.x, 7);
});
