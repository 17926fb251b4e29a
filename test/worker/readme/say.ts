import { createClient } from "coterie/client/game";
import { talkRoom } from "./talk-room.ts";

const room = createClient({ host: "localhost:8787" }).join(talkRoom, "lobby");
room.subscribe(
  (state) => state.messages.get(state.messages.size - 1)?.text,
  (text) => console.log("heard:", text),
);
await room.ready;
await room.do.say({ text: "Hello." }); // resolves when it is durable
