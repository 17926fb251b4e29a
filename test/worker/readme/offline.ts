import { createClient, within } from "coterie/client";
import { indexedDb } from "coterie/client/offline";
import { counterRoom } from "./rooms.ts";

const client = createClient({
  host: "localhost:8787",
  offline: indexedDb(), // documents and unanswered actions are kept in the browser
  warnOnUnsaved: true, // the browser asks before it closes what is neither saved nor kept
});
const room = client.join(counterRoom, "our-room");

room.on("error", ({ code, reason, action }) => {
  if (action) console.warn(`${action.name}, done ${new Date(action.at).toLocaleString()}, is not in the room: ${code} ${reason}`);
});
room.on("sync", ({ state, pending }) => console.log(state, pending)); // "saved", "saving" or "offline"

await within(room.ready, 5000).catch(() => console.log("not there yet; it goes on trying"));
const clicked = room.do.click(); // shown at once
await within(clicked, 5000).catch(() => console.log("no answer yet: the click waits, and is not taken back"));
