/**
 * A campaign: players act in two rooms while the server under them is killed and started again, then all comes to rest.
 * After each kill the journals are held against the ledgers, and in the end what everyone is shown.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canonical } from "../kit/board.ts";
import { Draw } from "../kit/random.ts";
import { bundle } from "./bundle.ts";
import { INSTANTS, killAt, type Instant } from "./instant.ts";
import { JournalCheck } from "./journal-check.ts";
import { Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import { joinBoard, Player, type BoardDefinition } from "./player.ts";
import { boardRoom, swiftRoom } from "./rooms.ts";
import type { Report } from "./report.ts";
import { checkState } from "./state-check.ts";
import { Violations } from "./violations.ts";
import { Workerd } from "./workerd.ts";

export interface CampaignOptions {
  readonly seed: number;
  /** The last one comes when all is at rest. */
  readonly kills: number;
  /** The worker, in this folder. Default: the one without mistakes. */
  readonly worker?: string;
  /** When to kill. Default: now at one, now at another. */
  readonly instants?: readonly Instant[];
  /** Ends with the first broken promise. Default false. */
  readonly untilBroken?: boolean;
  /** Called after each kill. */
  readonly progress?: (report: Report) => void;
}

const PLAYERS = 4; // in each room
/** The load runs for this long between a start and a kill, in ms. */
const RUN_MS = { least: 20, most: 500 };
/** In the end everything is answered within this time, in ms: a start and a few frames are enough. */
const REST_WITHIN_MS = 10_000;
/** Where a promise was broken before, some answers will never come. */
const BROKEN_REST_WITHIN_MS = 1500;

export async function runCampaign(options: CampaignOptions): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), "coterie-faults-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const server = new Workerd(await bundle(options.worker ?? "worker.ts", directory));
    process.on("exit", remove); // behind the server's own, when whoever runs this gives up half-way
    const campaign = new Campaign(server, options);
    try {
      await campaign.run();
      return campaign.report();
    } finally {
      await campaign.end();
    }
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** A room with all that is known of it. */
interface Table {
  readonly definition: BoardDefinition;
  readonly folder: string;
  readonly ledger: Ledger;
  readonly players: readonly Player[];
  readonly journal: JournalCheck;
}

class Campaign {
  readonly #server: Workerd;
  readonly #network: Network;
  readonly #options: CampaignOptions;
  readonly #draw: Draw;
  readonly #violations = new Violations();
  readonly #tables: readonly Table[];

  constructor(server: Workerd, options: CampaignOptions) {
    this.#server = server;
    this.#network = new Network(server);
    this.#options = options;
    this.#draw = new Draw("campaign", options.seed);
    this.#tables = [boardRoom, swiftRoom].map((definition) => this.#table(definition));
  }

  #table(definition: BoardDefinition): Table {
    const { seed } = this.#options;
    const [network, violations] = [this.#network, this.#violations];
    const ledger = new Ledger();
    const folder = join(this.#server.storage, definition.name);
    const users = Array.from({ length: PLAYERS }, (_, index) => `${definition.name}-${index + 1}`);
    const players = users.map(
      (user) => new Player({ network, definition, user, ledger, violations, draw: new Draw(user, seed) }),
    );
    const me = (user: string): number => players[users.indexOf(user)]?.room.self?.id ?? 0;
    const journal = new JournalCheck({ room: definition.name, folder, ledger, me, violations });
    return { definition, folder, ledger, players, journal };
  }

  async run(): Promise<void> {
    const { kills, untilBroken, progress } = this.#options;
    await this.#server.start();
    while (this.#violations.kills < kills - 1) {
      await this.#cycle();
      progress?.(this.report());
      if (untilBroken && this.#violations.found.length > 0) break;
    }
    await this.#rest();
    progress?.(this.report());
  }

  async #cycle(): Promise<void> {
    const draw = this.#draw;
    const [server, network] = [this.#server, this.#network];
    const moments = {
      folder: draw.one(this.#tables).folder,
      onFrame(happened: () => void): () => void {
        network.onFrame = happened;
        return () => (network.onFrame = undefined);
      },
    };
    const runMs = RUN_MS.least + draw.below(RUN_MS.most - RUN_MS.least);
    await killAt(draw.one(this.#options.instants ?? INSTANTS), runMs, moments, () => server.kill());
    await this.#afterKill();
    await server.start();
  }

  async #afterKill(): Promise<void> {
    this.#violations.kills++;
    await this.#server.gone();
    for (const { journal } of this.#tables) journal.run();
  }

  /** Nobody does more; all is answered, everyone is shown the same, and the files hold it. */
  async #rest(): Promise<void> {
    for (const player of this.#players()) player.rest();
    const withinMs = this.#violations.found.length > 0 ? BROKEN_REST_WITHIN_MS : REST_WITHIN_MS;
    await until(() => this.#tables.every(({ ledger }) => ledger.pending.length === 0), withinMs);
    for (const { definition, ledger, players } of this.#tables) {
      const rooms = players.map(({ room }) => room);
      const newcomer = joinBoard(this.#network, definition, players[0]!.user); // no new user: the state stays as it is
      try {
        await Promise.race([newcomer.ready, sleep(withinMs, undefined, { ref: false })]);
        const same = (): boolean => new Set([newcomer, ...rooms].map(({ confirmed }) => canonical(confirmed))).size === 1;
        await until(same, withinMs);
        checkState({ room: definition.name, ledger, players: rooms, newcomer, violations: this.#violations });
      } finally {
        newcomer.destroy();
      }
    }
    this.#server.kill();
    await this.#afterKill();
  }

  #players(): Player[] {
    return this.#tables.flatMap(({ players }) => players);
  }

  report(): Report {
    const entries = this.#tables.flatMap(({ ledger }) => ledger.entries);
    return {
      kills: this.#violations.kills,
      sent: entries.length,
      acknowledged: entries.filter(({ answer }) => answer).length,
      refused: entries.filter(({ answer }) => answer?.kind === "refused").length,
      unheard: this.#tables.reduce((sum, { journal }) => sum + journal.unheard, 0),
      rows: this.#tables.reduce((sum, { journal }) => sum + journal.rows, 0),
      violations: this.#violations.found,
      printed: this.#server.printed,
    };
  }

  async end(): Promise<void> {
    for (const player of this.#players()) player.leave();
    await this.#server.stop();
  }
}

async function until(reached: () => boolean, withinMs: number): Promise<void> {
  for (const end = Date.now() + withinMs; !reached() && Date.now() < end;) await sleep(10);
}
