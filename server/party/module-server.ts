/** PartyKit's first way to write a server, an object of handlers that are handed the room each time, as a class. */
import type { PartyKitServer } from "partykit/server";
import type { Room, Server, ServerClass } from "./server-class.ts";

type Handlers = {
  [K in "onConnect" | "onMessage" | "onClose" | "onError" | "onRequest" | "onAlarm"]?: (...args: unknown[]) => never;
};

export function classOf(module: PartyKitServer): ServerClass {
  const handlers = module as Handlers;
  class ModuleServer implements Server {
    // As PartyKit had it: one that hears its messages itself, by addEventListener, cannot sleep.
    readonly options = { hibernate: module.onMessage !== undefined || module.onConnect === undefined };
    declare readonly onRequest?: NonNullable<Server["onRequest"]>;
    readonly #room: Room;

    constructor(room: Room) {
      this.#room = room;
      const { onRequest } = handlers;
      if (onRequest) this.onRequest = (request) => onRequest(request, room);
    }

    onConnect: NonNullable<Server["onConnect"]> = (connection, context) => handlers.onConnect?.(connection, this.#room, context);
    onMessage: NonNullable<Server["onMessage"]> = (message, connection) => handlers.onMessage?.(message, connection, this.#room);
    onClose: NonNullable<Server["onClose"]> = (connection) => handlers.onClose?.(connection, this.#room);
    onError: NonNullable<Server["onError"]> = (connection, error) => handlers.onError?.(connection, error, this.#room);
    onAlarm: NonNullable<Server["onAlarm"]> = () => handlers.onAlarm?.(this.#room);
  }
  const { onFetch = module.unstable_onFetch, onSocket, onBeforeRequest, onBeforeConnect, onCron } = module;
  const hooks = { onFetch, onSocket, onBeforeRequest, onBeforeConnect, onCron };
  return Object.assign(ModuleServer, hooks as Partial<Omit<ServerClass, "new">>);
}
