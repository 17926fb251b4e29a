import { createClient } from "coterie/client/game";
import { counterRoom } from "./rooms.ts";

const room = createClient({ host: "localhost:8787" }).join(counterRoom, "our-room");
room.subscribe(
  (state) => state.score.clicks,
  (clicks) => console.log("clicks:", clicks), // ours at once, everyone's as they come
);
await room.ready;
await room.do.click(); // resolves when it is durable: no crash takes it back
