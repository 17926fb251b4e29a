/** A guest's token: fetched when it is first needed, kept while it lasts, and renewed under the same identity. */
import { RoomError } from "../shared/room/room-error.ts";
import type { AuthReason } from "./connection.ts";
import type { Environment } from "./environment.ts";

interface Pass {
  readonly token: string;
  /** ms since 1970. */
  readonly expiresAt: number;
}

/** A token with less than this left, in ms, is renewed. */
const LEAST_LEFT_MS = 60_000;
/** Where one that lasts is wanted: what is left of one that another room has just had renewed is more than this. */
const LASTS_MS = 30 * 60_000;

export class GuestPass {
  readonly #http: string;
  readonly #name: string | undefined;
  readonly #storage: Storage | undefined;
  readonly #environment: Environment;
  #pass: Pass | undefined;
  #asking: Promise<Pass> | undefined;

  constructor(http: string, { name, remember = true }: { name?: string; remember?: boolean }, environment: Environment) {
    this.#http = http;
    this.#name = name;
    this.#environment = environment;
    this.#storage = remember ? storage() : undefined;
    this.#pass = this.#remembered();
  }

  async token(reason: AuthReason): Promise<string> {
    const left = (this.#pass?.expiresAt ?? 0) - this.#environment.now();
    if (this.#pass && this.#fresh && reason !== "renew" && left > (reason === "refresh" ? LASTS_MS : LEAST_LEFT_MS))
      return this.#pass.token;
    // Shared by all rooms of the client, so no single one can take it back.
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return (await this.#asking).token;
  }

  /** A remembered token is renewed once, so that the name is this visit's. */
  #fresh = false;

  async #ask(): Promise<Pass> {
    const response = await this.#environment.fetch(`${this.#http}/auth/guest`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(this.#pass && { authorization: `Bearer ${this.#pass.token}` }) },
      body: JSON.stringify(this.#name === undefined ? {} : { name: this.#name }),
    });
    if (!response.ok) throw new RoomError("forbidden", { reason: `no guest token: the worker answered ${response.status}` });
    this.#pass = (await response.json()) as Pass;
    this.#fresh = true;
    this.#storage?.setItem(this.#key, JSON.stringify(this.#pass));
    return this.#pass;
  }

  get #key(): string {
    return `coterie:guest:${this.#http}`;
  }

  #remembered(): Pass | undefined {
    try {
      const pass = JSON.parse(this.#storage?.getItem(this.#key) ?? "null") as Partial<Pass> | null;
      return pass && typeof pass.token === "string" && typeof pass.expiresAt === "number" ? (pass as Pass) : undefined;
    } catch {
      return undefined; // somebody else wrote there: a new guest it is
    }
  }
}

/** Where the browser keeps things; undefined where there is none, or it is forbidden. */
function storage(): Storage | undefined {
  try {
    return typeof localStorage === "undefined" ? undefined : localStorage;
  } catch {
    return undefined; // a page may not be allowed any: then a reload is a new guest
  }
}
