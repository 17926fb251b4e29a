/**
 * The open group, from the first that has something to write to the row: the beat closes it, and behind its row everyone is
 * told. A group whose row cannot be written never happened. Parts see the room through this, and no other way.
 */
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import type { ErrorCode } from "../../shared/protocol/error-code.ts";
import { Refusal, type PartHost } from "../parts/part.ts";
import type { Sections } from "../storage/pieces.ts";
import type { Beat } from "./beat.ts";
import type { Connection, Connections } from "./connections.ts";
import { Group } from "./group.ts";
import type { RoomHost } from "./host.ts";

export interface OpenGroupHost extends Pick<RoomHost, "now" | "log"> {
  readonly beat: Beat;
  readonly connections: Connections;
  /** The row that a group opened now will be. */
  nextSeq(): number;
  /** Writes its row; returns what is in it: nothing, where there is nothing to write. Throws when storage does. */
  write(group: Group): Sections;
  /** Its row is written, or was not needed: who waits for it is told. */
  written(group: Group, sections: Sections): void;
  /** A group never happened: memory goes back to storage, and another life begins. */
  undone(): void;
  refuse(connection: Connection, number: number, code: ErrorCode, reason: string): void;
  close(connection: Connection, code: CloseCode, reason: string): void;
}

export class OpenGroup implements PartHost {
  readonly #host: OpenGroupHost;
  #open: Group | undefined;

  constructor(host: OpenGroupHost) {
    this.#host = host;
  }

  // ---- for parts

  group(): Group {
    return (this.#open ??= new Group(this.#host.nextSeq(), this.#host.now()));
  }

  markGroup(): void {
    this.#host.beat.markGroup();
  }

  mark(): void {
    this.#host.beat.mark();
  }

  now(): number {
    return this.#host.now();
  }

  joined(): Iterable<Connection> {
    return this.#host.connections.open();
  }

  // ---- who waits for the row

  behind(connection: Connection, kind: string, frame: () => Uint8Array): void {
    const { behind } = this.group();
    behind.set(connection, (behind.get(connection) ?? new Map<string, () => Uint8Array>()).set(kind, frame));
    this.markGroup();
  }

  /** It is given the room behind the row. */
  join(connection: Connection): void {
    connection.stage = "joining";
    this.group().joiners.push(connection);
    this.markGroup();
  }

  whenWritten(waiting: Group["waiting"][number]): void {
    this.group().waiting.push(waiting);
    this.markGroup();
  }

  // ---- its end

  /** For the beat. True when a row was written. */
  close(): boolean {
    const group = this.#open;
    if (!group) return false;
    let sections: Sections;
    try {
      sections = this.#host.write(group);
    } catch (error) {
      this.fail(error);
      return false;
    }
    this.#open = undefined;
    this.#host.written(group, sections);
    return sections.size > 0;
  }

  /** Its row could not be stored: who waits is told that it never happened, and may say it again. */
  fail(error: unknown): void {
    const { log, undone, close } = this.#host;
    const group = this.#open;
    log("error", "a group could not be stored", error);
    undone();
    this.#giveUp(group, "unavailable", "the change could not be stored");
    for (const connection of group?.joiners ?? []) close(connection, 4500, "the room could not be stored");
  }

  /** There is no room any more: `forget` gets rid of it, and who waits is told why. */
  bury(forget: () => void): void {
    const group = this.#open;
    forget();
    this.#giveUp(group, "not-found", "the room was deleted");
  }

  #giveUp(group: Group | undefined, code: "unavailable" | "not-found", reason: string): void {
    for (const [asker, answers] of group?.answers ?? [])
      if (typeof asker === "function") asker({ number: 0, seq: 0, answer: { kind: "broke", code } });
      else if (asker.stage !== "gone") this.#host.refuse(asker, Math.min(...answers.keys()), code, reason);
    for (const { reject } of group?.waiting ?? []) reject(new Refusal(code, reason));
  }

  /** Memory is not to be believed any more. */
  forget(): void {
    this.#open = undefined;
  }
}
