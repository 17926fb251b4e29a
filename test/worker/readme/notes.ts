import { createClient } from "coterie/client";
import { notesRoom } from "./rooms.ts";

const room = createClient({ host: "localhost:8787" }).join(notesRoom, "welcome");
room.on("sync", ({ state }) => console.log("notes:", state)); // "saved" means durable, not received
await room.ready;
room.doc.getText("body").insert(0, "Hello. "); // or bind an editor to room.doc and room.awareness
