/** Who is here (`peer`, `left`), what they show (`presence`) and what they tell each other (`event`). Nothing of it lasts. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode, rest } from "./frame.ts";
import { readUser, writeUser, type User } from "./user.ts";

/** One open socket, with what the server knows of its user. */
export interface PeerMessage {
  readonly kind: "peer";
  readonly connection: number;
  readonly me: number;
  readonly user: User;
  /** All fields of the declared presence. */
  readonly presence: Uint8Array;
}

export const writePeer = (peer: Omit<PeerMessage, "kind">): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, peer.connection);
    encoding.writeVarUint(to, peer.me);
    writeUser(to, peer.user);
    encoding.writeUint8Array(to, peer.presence);
  });

export function readPeer(from: Decoder): PeerMessage {
  const connection = decoding.readVarUint(from);
  const me = decoding.readVarUint(from);
  const user = readUser(from);
  return { kind: "peer", connection, me, user, presence: rest(from) };
}

export interface Left {
  readonly kind: "left";
  readonly connection: number;
}
export const writeLeft = (connection: number): Uint8Array => encode((to) => encoding.writeVarUint(to, connection));
export const readLeft = (from: Decoder): Left => ({ kind: "left", connection: decoding.readVarUint(from) });

/** Fields of a presence that changed: `varUint(mask) value*`. Up it is the sender's own, and `connection` is absent. */
export interface PresenceChange {
  readonly kind: "presence";
  readonly connection: number;
  readonly fields: Decoder;
}
export const readPresenceUp = (from: Decoder): PresenceChange => ({ kind: "presence", connection: 0, fields: from });
export const readPresenceDown = (from: Decoder): PresenceChange => ({
  kind: "presence",
  connection: decoding.readVarUint(from),
  fields: from,
});

/** An event of the room's declaration. Up it is the sender's own, and `from` is absent; down `from` is the sender's `c.me`. */
export interface EventMessage {
  readonly kind: "event";
  readonly from: number;
  readonly event: number;
  readonly data: Decoder;
}
export const writeEventUp = (event: number, data: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, event);
    encoding.writeUint8Array(to, data);
  });
export const writeEventDown = (from: number, event: number, data: Uint8Array): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, from);
    encoding.writeVarUint(to, event);
    encoding.writeUint8Array(to, data);
  });
export const readEventUp = (from: Decoder): EventMessage => ({
  kind: "event",
  from: 0,
  event: decoding.readVarUint(from),
  data: from,
});
export const readEventDown = (from: Decoder): EventMessage => ({
  kind: "event",
  from: decoding.readVarUint(from),
  event: decoding.readVarUint(from),
  data: from,
});
