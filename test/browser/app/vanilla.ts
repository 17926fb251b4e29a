/** The same without React: the lines that client/react/README.md shows beside the hooks. `show` is the page. */
import type { Client } from "coterie/client";
import { boardRoom } from "./rooms.ts";

export async function board(client: Client<true>, id: string, show: (what: string, value: unknown) => void): Promise<() => void> {
  const room = client.join(boardRoom, id, { presence: { cursor: null } });
  await room.ready; // rejects with RoomError when the room may not be entered

  const stopState = room.subscribe(
    (state) => state.pieces.get(0)?.x,
    (x) => show("x", x),
  );
  show("x", room.state.pieces.get(0)?.x);

  const stopOthers = room.on("others", (others) => show("others", others.length));
  show("self", room.self?.presence.cursor);

  const stopStatus = room.on("status", (status) => show("status", status));
  const stopSync = room.on("sync", ({ state, pending }) => show("sync", `${state}, ${pending} waiting`));
  const stopFrame = room.on("frame", () => show("rtt", room.rtt));

  const stopEvents = room.on("event", (event) => show(event.type, event.from));

  room.doc.getText("notes").observe((event) => show("notes", event.target.toString()));

  return () => {
    for (const stop of [stopState, stopOthers, stopStatus, stopSync, stopFrame, stopEvents]) stop();
    room.destroy();
  };
}
