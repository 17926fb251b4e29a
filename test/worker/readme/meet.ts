import { createClient } from "coterie/client/game";
import { counterRoom } from "./rooms.ts";

const client = createClient({ host: "localhost:8787" });
const lobby = client.lobby(counterRoom);
const { id } = await lobby.quickMatch({}, { create: undefined }); // the fullest with a place, kept for ten seconds; else a new one
const room = client.join(counterRoom, id);
await room.ready;
const stop = lobby.watch((rooms) => console.log("open:", rooms.length)); // live, and again after a cut
room.on("status", (status) => status === "disconnected" && stop());
