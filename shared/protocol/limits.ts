/** Bounds of what may cross the wire or lie in a row. Each has a reason; PROTOCOL.md repeats the ones a client can meet. */

/** The longest frame a room reads, in bytes: OWASP's advice for sockets. The platform would take 32 MiB. */
export const MAX_FRAME_BYTES = 65_536;
/** The same in rooms with a document, where a paste or a return after a day comes in one frame: it has to fit a row of storage. */
export const MAX_DOCUMENT_FRAME_BYTES = 960_000;
/** The longest journal row or chunk of a snapshot, in bytes: production refuses rows of 2 MB. */
export const MAX_ROW_BYTES = 1_000_000;
/** The longest presence of one connection, in bytes: it has to fit the 16 KiB of a socket's attachment with its identity. */
export const MAX_PRESENCE_BYTES = 4096;
/** The longest answer of an action, in bytes of JSON: the last answers of every session stay in memory. */
export const MAX_ANSWER_BYTES = 4096;
/** The answers kept for each session, for the resends that follow a cut: the SDK has never more than this unanswered. */
export const KEPT_ANSWERS = 64;
/** The longest name of a user, in characters. */
export const MAX_NAME = 64;
/** The longest id of a user (`sub`), in characters. */
export const MAX_USER_ID = 128;
/** The longest session id, in characters. */
export const MAX_SESSION_ID = 64;
/** The SDK's heartbeat: a text frame that the platform answers without waking the room. */
export const PING = "ping";
export const PONG = "pong";
/** The longest the SDK lets a socket be silent before it asks, in ms, and how long it then waits for the answer. */
export const PING_EVERY_MS = 10_000;
export const PONG_WITHIN_MS = 5_000;
/** What the SDK announces while its page is hidden, in ms: browsers then run its timers once a minute, at the least. */
export const HIDDEN_PACE_MS = 65_000;
/** The SDK gathers what it has to say and sends at most one frame in this time, in ms: a room handles about 500 frames a second. */
export const UP_FRAME_MS = 33;
/** The SDK says how far it has read whenever it has read this much more, in bytes. */
export const ACK_EVERY_BYTES = 65_536;
