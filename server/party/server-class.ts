/**
 * A PartyKit class as its host calls it: what `partykit/server` declares, in the platform's own types of today (the package
 * brings those of 2024). That no name is missing is checked where users' classes are typed, in test/types/party.ts.
 */
type Awaitable<T> = T | Promise<T>;
type Sent = string | ArrayBuffer | ArrayBufferView;

/** The socket itself, with what PartyKit adds to it. */
export type Connection = WebSocket & {
  readonly id: string;
  readonly uri: string;
  readonly socket: WebSocket;
  readonly state: unknown;
  setState(next: unknown): unknown;
};

/** Another room. */
export interface Stub {
  fetch(pathOrInit?: string | RequestInit | Request, init?: RequestInit | Request): Promise<Response>;
  /** A socket that is open already. */
  socket(pathOrInit?: string | RequestInit, init?: RequestInit): Promise<WebSocket>;
  connect(): never;
}

/** What both a room and the static hooks are given of the rest of the project. */
export interface Context {
  readonly parties: Readonly<Record<string, { get(id: string): Stub }>>;
  readonly ai: unknown;
  readonly vectorize: Readonly<Record<string, unknown>>;
  readonly assets: { fetch(path: string): Promise<Response | null> };
  readonly bindings: { readonly r2: Readonly<Record<string, unknown>>; readonly kv: Readonly<Record<string, unknown>> };
}

export interface Lobby extends Context {
  /** Only where a room is asked for. */
  readonly id?: string;
  readonly env: Readonly<Record<string, unknown>>;
  readonly analytics: unknown;
}

export interface Room {
  readonly id: string;
  readonly internalID: string;
  readonly name: string;
  readonly env: Readonly<Record<string, unknown>>;
  readonly storage: DurableObjectStorage;
  readonly blockConcurrencyWhile: DurableObjectState["blockConcurrencyWhile"];
  readonly context: Context;
  readonly connections: Map<string, Connection>;
  readonly parties: Context["parties"];
  readonly analytics: unknown;
  broadcast(message: Sent, without?: readonly string[]): void;
  getConnection(id: string): Connection | undefined;
  getConnections(tag?: string): Iterable<Connection>;
}

export interface Server {
  readonly options?: { readonly hibernate?: boolean };
  getConnectionTags?(connection: Connection, context: { request: Request }): Awaitable<string[]>;
  onStart?(): Awaitable<void>;
  onConnect?(connection: Connection, context: { request: Request }): Awaitable<void>;
  onMessage?(message: Sent, sender: Connection): Awaitable<void>;
  onClose?(connection: Connection): Awaitable<void>;
  onError?(connection: Connection, error: Error): Awaitable<void>;
  onRequest?(request: Request): Awaitable<Response>;
  onAlarm?(): Awaitable<void>;
}

type Before = (request: Request, lobby: Lobby, ctx: ExecutionContext) => Awaitable<Request | Response | undefined>;

export interface ServerClass {
  new (room: Room): Server;
  onBeforeConnect?: Before;
  onBeforeRequest?: Before;
  onFetch?(request: Request, lobby: Lobby, ctx: ExecutionContext): Awaitable<Response | null | undefined>;
  onSocket?(socket: WebSocket & { request: Request }, lobby: Lobby, ctx: ExecutionContext): Awaitable<void>;
  onCron?(controller: ScheduledController & { name: string }, lobby: Lobby, ctx: ExecutionContext): unknown;
}
