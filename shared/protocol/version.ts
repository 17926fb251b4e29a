/**
 * The version of the wire. A change to any message raises it, with a line below; the room answers an older client with
 * 4426. Deploy order: rooms first, then pages, so a room must speak the newest version any page may have.
 *
 *   1  2026-11  rooms with a game, presence and events
 *   2  2026-11  long states in parts; both sides say at what pace they speak; documents
 *   3  2026-11  private rows, and the hash of the state; refused edits are numbered
 *   4  2026-11  live values bear the room's time
 */
export const PROTOCOL_VERSION = 4;

/** What a socket asks for in `Sec-WebSocket-Protocol`, beside `auth.<token>`. The answer names this one only. */
export const SUBPROTOCOL = "coterie.v1";
export const TOKEN_SUBPROTOCOL_PREFIX = "auth.";
