/** One face for the six kinds of clients, each as it is published and as its readme says it is used. */
import { createClient } from "coterie/client";
import { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import { WebsocketProvider as WebsocketProvider1 } from "y-websocket-1";
import { WebsocketProvider as WebsocketProvider2 } from "y-websocket-2";
import YProvider from "y-partyserver/provider";
import * as Y from "yjs";
import { realEnvironment, type Environment } from "../../client/environment.ts";
import type { Scope } from "../../server/room/connections.ts";
import type { Served } from "../faults/served.ts";
import type { Workerd } from "../faults/workerd.ts";
import { notesRoom } from "../kit/notes-room.ts";
import { RawEditor } from "./raw-editor.ts";
import type { Party } from "./rooms.ts";
import { atPort, socketClass, Wire, type SocketClass } from "./wire.ts";

export const WEBSOCKET_KINDS = ["y-websocket 3", "y-websocket 2", "y-websocket 1"] as const;
export const STOCK_KINDS = [...WEBSOCKET_KINDS, "y-partyserver", "raw"] as const;
export const KINDS = [...STOCK_KINDS, "sdk"] as const;
export type Kind = (typeof KINDS)[number];

/** Each y-websocket has something to do when the process exits: more than Node thinks usual. */
process.setMaxListeners(100);

export interface Editor {
  readonly kind: Kind;
  readonly user: string;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly wire: Wire;
  /** It has told its page that it has everything; and how often it did. */
  readonly synced: boolean;
  readonly timesSynced: number;
  /** It is connected, or comes back by itself. */
  readonly wanted: boolean;
  offline(): void;
  online(): void;
  leave(): void;
}

export interface EditorOptions {
  readonly party?: Party;
  readonly user?: string;
  readonly scopes?: readonly Scope[];
  /** What it shows of itself. Default: its user's name. */
  readonly state?: { readonly user: string } | null;
  /** Of a page that was here before; stock clients only. */
  readonly doc?: Y.Doc;
}

interface Joining {
  readonly server: Workerd;
  readonly kind: Kind;
  readonly party: Party;
  readonly room: string;
  readonly user: string;
  readonly token: string;
  readonly state: { readonly user: string } | null;
  readonly doc: Y.Doc;
}

export async function join(served: Served, room: string, kind: Kind, options: EditorOptions = {}): Promise<Editor> {
  const { party = "notes", user = kind, scopes, state = { user }, doc = new Y.Doc() } = options;
  const token = await served.token(user, scopes);
  const joining = { server: served.workerd, kind, party, room, user, token, state, doc };
  if (kind === "sdk") return joinBySdk(joining);
  return kind === "raw" ? joinRaw(joining) : joinByProvider(joining);
}

/** One of each kind, in one room. */
export const joinAll = (served: Served, room: string, options?: EditorOptions): Promise<Editor[]> =>
  Promise.all(KINDS.map((kind) => join(served, room, kind, options)));

function stockParts({ server, state, doc }: Joining): {
  doc: Y.Doc;
  awareness: Awareness;
  wire: Wire;
  WebSocketPolyfill: SocketClass;
} {
  const awareness = new Awareness(doc);
  awareness.setLocalState(state);
  const wire = new Wire();
  return { doc, awareness, wire, WebSocketPolyfill: socketClass(server, wire) };
}

/** What all of them have. By their types not all know the older name, `synced`, of their event. */
interface Provider {
  on(event: "sync", listener: (synced: boolean) => void): unknown;
  readonly synced: boolean;
  readonly shouldConnect: boolean;
  connect(): unknown;
  disconnect(): void;
  destroy(): void;
}

const BY_VERSION = {
  "y-websocket 3": WebsocketProvider,
  "y-websocket 2": WebsocketProvider2,
  "y-websocket 1": WebsocketProvider1,
};

function joinByProvider(joining: Joining): Editor {
  const { server, kind, party, room, user, token } = joining;
  const { doc, awareness, wire, WebSocketPolyfill } = stockParts(joining);
  const host = `127.0.0.1:${server.port}`;
  const options = { awareness, params: { token }, WebSocketPolyfill, disableBc: true };
  const provider: Provider =
    kind === "y-partyserver"
      ? new YProvider(host, room, doc, { ...options, party })
      : new BY_VERSION[kind as keyof typeof BY_VERSION](`ws://${host}/parties/${party}`, room, doc, options);
  let timesSynced = 0;
  provider.on("sync", (synced) => (timesSynced += synced ? 1 : 0));
  return {
    ...{ kind, user, doc, awareness, wire },
    get synced() {
      return provider.synced;
    },
    get timesSynced() {
      return timesSynced;
    },
    get wanted() {
      return provider.shouldConnect;
    },
    offline: () => provider.disconnect(),
    online: () => void provider.connect(),
    leave() {
      provider.destroy();
      awareness.destroy();
      doc.destroy();
    },
  };
}

function joinRaw(joining: Joining): Editor {
  const { server, kind, party, room, user, token } = joining;
  const { doc, awareness, wire, WebSocketPolyfill } = stockParts(joining);
  const url = `ws://127.0.0.1:${server.port}/parties/${party}/${room}?token=${token}`;
  const raw = new RawEditor(url, doc, awareness, WebSocketPolyfill);
  return {
    ...{ kind, user, doc, awareness, wire },
    get synced() {
      return raw.synced;
    },
    get timesSynced() {
      return raw.timesSynced;
    },
    get wanted() {
      return raw.wanted;
    },
    offline: () => raw.disconnect(),
    online: () => raw.connect(),
    leave() {
      raw.disconnect();
      awareness.destroy();
      doc.destroy();
    },
  };
}

function joinBySdk({ server, kind, party, room: id, user, token, state }: Joining): Editor {
  const wire = new Wire();
  const client = createClient({
    host: `http://127.0.0.1:${server.port}`,
    auth: () => Promise.resolve(token),
    environment: watched(server, wire),
  });
  const room = client.join({ ...notesRoom, name: party }, id);
  let timesSynced = 0;
  room.on("status", (status) => (timesSynced += status === "connected" ? 1 : 0));
  const { doc, awareness } = room;
  awareness.setLocalState(state);
  return {
    ...{ kind, user, doc, awareness, wire },
    get synced() {
      return room.status === "connected" && room.sync.state === "saved";
    },
    get timesSynced() {
      return timesSynced;
    },
    get wanted() {
      return room.status !== "disconnected";
    },
    offline: () => room.disconnect(),
    online: () => room.connect(),
    leave: () => room.destroy(),
  };
}

/** The real environment, at whatever port the server is. */
function watched(server: Workerd, wire: Wire): Environment {
  return {
    ...realEnvironment,
    transport(events) {
      const transport = realEnvironment.transport({
        opened() {
          wire.opened++;
          events.opened();
        },
        received(data) {
          if (typeof data !== "string") wire.received(data, false);
          events.received(data);
        },
        closed(code, reason) {
          wire.closed.push(code);
          events.closed(code, reason);
        },
      });
      return { ...transport, open: (url, protocols) => transport.open(atPort(server, url), protocols) };
    },
  };
}
