/** What servers ask of a room's document: to read it, to change it, and for what it once was. */
import { equal } from "../../shared/bytes.ts";
import type { Version } from "../../shared/document/version.ts";
import type { ErrorCode } from "../../shared/protocol/error-code.ts";
import { MAX_VERSION_NAME, Versions } from "../parts/document/versions.ts";
import { Refusal } from "../parts/part.ts";
import type { Calls } from "./calls.ts";
import { Closing } from "./connections.ts";
import type { Content } from "./content.ts";
import type { RoomHost } from "./host.ts";

export interface DeskHost extends Pick<RoomHost, "store" | "now" | "log"> {
  readonly content: Content;
  readonly calls: Calls;
}

/** A document as it is now. */
export interface DocumentCopy {
  /** The same for as long as it does not change, and for no other document that was ever under its name. */
  readonly tag: string;
  /** A Yjs update, or JSON. */
  readonly content: Uint8Array | string;
}

/** A change of the document that lasts. */
export interface DocumentChange {
  /** Its row, or the newest where nothing has changed. */
  readonly seq: number;
  readonly tag: string;
}

export class DocumentDesk {
  readonly #host: DeskHost;
  readonly #versions: Versions;

  constructor(host: DeskHost) {
    this.#host = host;
    this.#versions = new Versions(host.store);
  }

  /** The document as it is now; undefined where that is still what `unless` tags. */
  read(format: "update" | "json", unless: string | undefined): DocumentCopy | undefined {
    return this.#host.calls.atRest(() => {
      const document = this.#host.content.needDocument();
      const tag = this.#tag(document.changedSeq);
      if (tag === unless) return undefined;
      return { tag, content: format === "json" ? JSON.stringify(document.toJSON()) : document.asUpdate() };
    });
  }

  #tag(seq: number): string {
    return `${this.#host.content.epoch}-${seq}`;
  }

  async #durably(change: () => void): Promise<DocumentChange> {
    const { calls, content } = this.#host;
    const seq = await calls.durably(() => {
      content.needDocument(); // where there is none, nothing is said of versions either
      change();
    });
    return { seq, tag: this.#tag(seq) };
  }

  /**
   * Applies an update. `ifStateVector`: only where the document is exactly that far. An update that is known already is
   * answered as one that was applied: who sends it again, since no answer came, needs no key for that.
   */
  edit(user: string, update: Uint8Array, ifStateVector: Uint8Array | undefined): Promise<DocumentChange> {
    return this.#durably(() => this.#edit(user, update, ifStateVector));
  }

  #edit(user: string, update: Uint8Array, ifStateVector: Uint8Array | undefined): void {
    const document = this.#host.content.needDocument();
    const author = { me: this.#host.content.sessions.me(user), user };
    const edited = speaking(() => {
      if (ifStateVector && !equal(ifStateVector, document.stateVector) && !document.knows(update))
        throw new Refusal("conflict", "the document has another state vector");
      return document.edit(author, update);
    });
    if (edited === "gap") throw new Refusal("bad-input", "the update rests on structs that this document does not have");
  }

  versions(): readonly Version[] {
    return this.#host.calls.atRest(() => this.#versions.list());
  }

  version(id: number): Uint8Array {
    return this.#host.calls.atRest(() => this.#version(id));
  }

  #version(id: number): Uint8Array {
    const content = this.#versions.content(id);
    if (!content) throw new Refusal("not-found", `there is no version ${id}`);
    return content;
  }

  keep(user: string, name: string): Version {
    if (name.length === 0 || name.length > MAX_VERSION_NAME)
      throw new Refusal("bad-input", `a name of ${name.length} characters, expected 1 to ${MAX_VERSION_NAME}`);
    try {
      return this.#host.calls.atRest(() => this.#keep(name, user));
    } catch (error) {
      if (error instanceof RangeError) throw new Refusal("overloaded", error.message);
      throw error;
    }
  }

  drop(id: number): void {
    this.#host.calls.atRest(() => {
      this.#version(id); // there is one
      this.#versions.drop(id);
    });
  }

  /** Nobody is left who writes. */
  abandoned(): void {
    this.#host.calls.flush();
    if (this.#host.content.load().document) this.keepWhenDue(true);
  }

  /** Keeps one by itself, if it is time; the open group must be closed. `empty`: nobody is left who writes. */
  keepWhenDue(empty: boolean): void {
    const { now, log, content } = this.#host;
    try {
      if (this.#versions.due(now(), content.needDocument().changedSeq, empty)) this.#keep(null, "");
    } catch (error) {
      log("error", "no version could be kept", error); // it is tried again with the next change
    }
  }

  /** The room has gone back to storage. */
  forget(): void {
    this.#versions.forget();
  }

  #keep(name: string | null, by: string): Version {
    return this.#versions.keep(
      { seq: this.#host.content.seq, at: this.#host.now(), name, by },
      this.#host.content.needDocument().asUpdate(),
    );
  }

  /** Makes the document again what it was, as a change like any other. */
  restore(user: string, id: number): Promise<DocumentChange> {
    return this.#durably(() => {
      const then = this.#version(id);
      speaking(() => this.#host.content.needDocument().revert({ me: this.#host.content.sessions.me(user), user }, then));
    });
  }
}

/** What a server is told where a socket would be closed with this code; else it is `bad-input`. */
const CODES: Record<number, ErrorCode> = { 4500: "unavailable", 4529: "rate-limited" };

/** A socket would be closed for it; a server is told. */
function speaking<T>(edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof Closing) throw new Refusal(CODES[error.code] ?? "bad-input", error.message);
    throw new Refusal("bad-input", error instanceof Error ? error.message : "this is no update");
  }
}
