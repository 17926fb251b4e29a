/** The servers that are compared with documents. */
import type { Plugin } from "vite";
import { signToken } from "coterie/auth";
import { DEV_SECRET } from "../../test/faults/workerd.ts";
import { peerVersion, PROJECT, underNode, underWorkerd, versionIn, versionOf, type Process } from "../servers/processes.ts";

const TOKEN_S = 60 * 60;

/** `relay`: it only passes on what it is told. */
export type Dialect = "y" | "hocuspocus" | "relay";

export interface Server extends Process {
  readonly name: string;
  readonly version: string;
  readonly dialect: Dialect;
  /** Where a user's socket to a room goes. */
  path(room: string, user: string): Promise<string>;
}

type Described = Omit<Server, keyof Process>;

export interface Coterie extends Server {
  token(user: string, admin?: boolean): Promise<string>;
}

export const versions = (): string =>
  `workerd ${versionOf("workerd")}, Node ${process.versions.node}, yjs ${versionOf("yjs")}; y-partyserver ${peerVersion("y-partyserver")}, ` +
  `@hocuspocus/server ${peerVersion("@hocuspocus/server")}, @y/websocket-server ${peerVersion("@y/websocket-server")}`;

// ---- under workerd

/** As it is shipped, a socket may say 100 frames a second: what the room itself bears is seen when it may say more. */
const liftLimit: Plugin = {
  name: "lift-limit",
  transform(code, id) {
    if (!id.endsWith("/server/room/throttle.ts")) return undefined;
    const lifted = code.replace("FRAMES_PER_SECOND = 100;", "FRAMES_PER_SECOND = 10_000;");
    if (lifted === code) throw new Error("the limit on a socket's frames is not where it was");
    return lifted;
  },
};

/** `lifted`: without its limit on what one socket may say. */
export async function startCoterie({ lifted = false } = {}): Promise<Coterie> {
  const token = (user: string, admin = false): Promise<string> =>
    signToken({
      key: DEV_SECRET,
      user: { id: user, name: user },
      rooms: Object.fromEntries(
        ["notes", "long"].map((party) => [`${party}:*`, admin ? ["admin"] : ["presence", "write", "create"]]),
      ),
      expiresInSeconds: TOKEN_S,
    });
  const server = await underWorkerd<Described>(
    {
      name: "Coterie",
      version: versionIn(PROJECT, "."),
      dialect: "y",
      path: async (room, user) =>
        room.startsWith("long/")
          ? `/parties/${room}?token=${await token(user)}&_pk=${user}` // as a client that lets the room sleep
          : `/parties/notes/${room}?token=${await token(user)}`,
    },
    "../../load/documents/coterie-worker.ts",
    [
      { binding: "NOTES", className: "Notes", folder: "notes" },
      { binding: "LONG", className: "Long", folder: "long" },
    ],
    lifted ? [liftLimit] : [],
  );
  return Object.defineProperties({ token } as Coterie, Object.getOwnPropertyDescriptors(server));
}

export const startRelay = (row: boolean): Promise<Server> =>
  underWorkerd<Described>(
    {
      name: row ? "relay, a row a message" : "relay",
      version: "",
      dialect: "relay",
      path: (room) => Promise.resolve(`/${room}${row ? "?row" : ""}`),
    },
    "../../load/documents/relay-worker.ts",
    [{ binding: "RELAY", className: "Relay", folder: "relay" }],
  );

export const startPartyServer = (): Promise<Server> =>
  underWorkerd<Described>(
    {
      name: "y-partyserver",
      version: peerVersion("y-partyserver"),
      dialect: "y",
      path: (room, user) => Promise.resolve(`/parties/notes/${room}?_pk=${user}`),
    },
    "../../load/peers/y-partyserver.mjs",
    [{ binding: "NOTES", className: "Notes", folder: "notes" }],
  );

// ---- under Node

export const startHocuspocus = (): Promise<Server> =>
  underNode<Described>(
    { name: "Hocuspocus", version: peerVersion("@hocuspocus/server"), dialect: "hocuspocus", path: () => Promise.resolve("/") },
    "hocuspocus.mjs",
  );

export const startWebsocketServer = (): Promise<Server> =>
  underNode<Described>(
    {
      name: "y-websocket-server",
      version: peerVersion("@y/websocket-server"),
      dialect: "y",
      path: (room) => Promise.resolve(`/${room}`),
    },
    "node_modules/@y/websocket-server/src/server.js",
  );
