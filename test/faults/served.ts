/**
 * A worker of this folder, served by a workerd of its own in a directory of its own: for tests that look at it from
 * outside. A class's folder is its room's name.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inspection } from "../../server/room/host.ts";
import type { Scope } from "../../server/room/connections.ts";
import { signToken } from "coterie/auth";
import { bundle } from "./bundle.ts";
import { DEV_SECRET, Workerd, type RoomBinding } from "./workerd.ts";

const TOKEN_S = 60 * 60;

export class Served {
  readonly workerd: Workerd;
  readonly #directory: string;
  readonly #parties: readonly string[];

  private constructor(workerd: Workerd, directory: string, parties: readonly string[]) {
    this.workerd = workerd;
    this.#directory = directory;
    this.#parties = parties;
  }

  static async start(entry: string, classes: readonly RoomBinding[], v8Flags: readonly string[] = []): Promise<Served> {
    const directory = mkdtempSync(join(tmpdir(), "coterie-served-"));
    const workerd = new Workerd(await bundle(entry, directory), classes, v8Flags);
    await workerd.start();
    return new Served(
      workerd,
      directory,
      classes.map(({ folder }) => folder),
    );
  }

  get host(): string {
    return `http://127.0.0.1:${this.workerd.port}`;
  }

  /** Kills the process, and starts another on what it has stored. */
  async restart(): Promise<void> {
    this.workerd.kill();
    await this.workerd.gone();
    await this.workerd.start();
  }

  /** A token of `user` for all rooms. */
  token(user: string, scopes: readonly Scope[] = ["read", "presence", "write", "create"]): Promise<string> {
    const rooms = Object.fromEntries(this.#parties.map((party) => [`${party}:*`, scopes]));
    return signToken({ key: DEV_SECRET, user: { id: user, name: user }, rooms, expiresInSeconds: TOKEN_S });
  }

  async inspect(party: string, room: string): Promise<Inspection> {
    const headers = { authorization: `Bearer ${await this.token("root", ["admin"])}` };
    const response = await fetch(`${this.host}/parties/${party}/${room}/inspect`, { headers });
    if (!response.ok) throw new Error(`inspect was answered ${response.status}`);
    return (await response.json()) as Inspection;
  }

  /** The resident memory of the process, in bytes, without the pages of its executable, which come as they are first run. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.workerd.pid}/status`, "utf8");
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  }

  async stop(): Promise<void> {
    await this.workerd.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
