/** The connections of a room, open ones only. One id can be two sockets for a while, as after a cut: the id is then the newer's. */
import type { Connection } from "./server-class.ts";

export class Connections {
  readonly #tags = new Map<Connection, readonly string[]>();
  readonly #byId = new Map<string, Connection>();

  add(connection: Connection, tags: readonly string[]): void {
    this.#tags.set(connection, tags);
    this.#byId.set(connection.id, connection);
  }

  has(socket: WebSocket): socket is Connection {
    return this.#tags.has(socket as Connection);
  }

  delete(connection: Connection): void {
    this.#tags.delete(connection);
    const { id } = connection;
    if (this.#byId.get(id) !== connection) return;
    this.#byId.delete(id);
    for (const other of this.#tags.keys()) if (other.id === id) this.#byId.set(id, other);
  }

  get(id: string): Connection | undefined {
    const connection = this.#byId.get(id);
    return connection && isOpen(connection) ? connection : undefined;
  }

  /** All, or those with this tag. */
  *all(tag?: string): IterableIterator<Connection> {
    for (const [connection, tags] of this.#tags) if ((!tag || tags.includes(tag)) && isOpen(connection)) yield connection;
  }

  byId(): Map<string, Connection> {
    return new Map([...this.#byId].filter(([, connection]) => isOpen(connection)));
  }
}

/** One that is closing can be sent nothing, and its close event follows. */
const isOpen = ({ readyState }: WebSocket): boolean => readyState === WebSocket.OPEN;
