/**
 * The handshake. The client says `hello` as the first message on a new socket; the room answers `welcome`, then the
 * people, then the state: what the client missed since `seq`, or all of it. Until `hello` a socket gets nothing.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { encode, rest } from "./frame.ts";
import { MAX_SESSION_ID } from "./limits.ts";
import { readUser, writeUser, type User } from "./user.ts";

export interface Hello {
  readonly kind: "hello";
  readonly protocol: number;
  /** The version of the game that the client's rules were built with; 0 where there is no game. */
  readonly gameVersion: number;
  /** One per page load, or that of a page that is gone, whose actions this one has taken up: what makes a resent action the same action. */
  readonly session: string;
  /** The last `seq` the client has applied; 0 for none. */
  readonly seq: number;
  /** The epoch that `seq` is of; 0 for none. */
  readonly epoch: number;
  /** The client's presence, whole. */
  readonly presence: Uint8Array;
  /** The parameters to create the room with, should it not exist; null: do not create it. */
  readonly create: Uint8Array | null;
}

export const writeHello = (hello: Omit<Hello, "kind">): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, hello.protocol);
    encoding.writeVarUint(to, hello.gameVersion);
    encoding.writeVarString(to, hello.session);
    encoding.writeVarUint(to, hello.seq);
    encoding.writeVarUint(to, hello.epoch);
    encoding.writeVarUint8Array(to, hello.presence);
    encoding.writeUint8(to, hello.create ? 1 : 0);
    if (hello.create) encoding.writeUint8Array(to, hello.create);
  });

export function readHello(from: Decoder): Hello {
  const protocol = decoding.readVarUint(from);
  const gameVersion = decoding.readVarUint(from);
  const session = decoding.readVarString(from);
  if (session.length === 0 || session.length > MAX_SESSION_ID) throw new RangeError(`session id of ${session.length} characters`);
  const seq = decoding.readVarUint(from);
  const epoch = decoding.readVarUint(from);
  const presence = decoding.readVarUint8Array(from);
  const create = decoding.readUint8(from) === 1 ? rest(from) : null;
  return { kind: "hello", protocol, gameVersion, session, seq, epoch, presence, create };
}

export interface Welcome {
  readonly kind: "welcome";
  /** This socket's number, as the people in the room see it. */
  readonly connection: number;
  /** `c.me` of this user. */
  readonly me: number;
  /** The user's id and name, as the token says. */
  readonly user: User;
  /** The room's clock, in ms since 1970. */
  readonly now: number;
  /** Random at every start of the object: a client that sees a new one drops what streams told it. */
  readonly life: number;
  /** Which life of the room its `seq` counts in: when it was created, in ms. A room deleted and made anew has another. */
  readonly epoch: number;
  /** True: what follows are the changes since the `seq` the client named. False: the whole state. */
  readonly resumed: boolean;
  /** The game's parameters, as at creation. */
  readonly params: Uint8Array;
}

export const writeWelcome = (welcome: Omit<Welcome, "kind">): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, welcome.connection);
    encoding.writeVarUint(to, welcome.me);
    writeUser(to, welcome.user);
    encoding.writeFloat64(to, welcome.now);
    encoding.writeUint32(to, welcome.life);
    encoding.writeVarUint(to, welcome.epoch);
    encoding.writeUint8(to, welcome.resumed ? 1 : 0);
    encoding.writeUint8Array(to, welcome.params);
  });

export function readWelcome(from: Decoder): Welcome {
  const connection = decoding.readVarUint(from);
  const me = decoding.readVarUint(from);
  const user = readUser(from);
  const now = decoding.readFloat64(from);
  const life = decoding.readUint32(from);
  const epoch = decoding.readVarUint(from);
  const resumed = decoding.readUint8(from) === 1;
  return { kind: "welcome", connection, me, user, now, life, epoch, resumed, params: rest(from) };
}

/** `life` alone: the room woke with its sockets open, and everything transient begins anew. */
export interface Life {
  readonly kind: "life";
  readonly life: number;
}
export const writeLife = (life: number): Uint8Array => encode((to) => encoding.writeUint32(to, life));
export const readLife = (from: Decoder): Life => ({ kind: "life", life: decoding.readUint32(from) });
