// PartyKit's first style: an object of handlers, which are handed the room.
import type { PartyKitServer } from "partykit/server";

export default {
  onConnect(connection, room) {
    const others = [...room.getConnections<string>()].filter(({ id }) => id !== connection.id);
    connection.send(JSON.stringify(Object.fromEntries(others.map(({ id, state }) => [id, state]))));
  },
  onMessage(message, connection, room) {
    connection.setState(message);
    room.broadcast(JSON.stringify({ [connection.id]: message }), [connection.id]);
  },
  onClose(connection, room) {
    room.broadcast(JSON.stringify({ [connection.id]: null }));
  },
} satisfies PartyKitServer;
