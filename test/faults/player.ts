/** One of those who play while the server dies: an SDK client that acts all the time, and watches what it is shown. */
import { createClient, type Room } from "coterie/client";
import { signToken } from "coterie/auth";
import type { Draw } from "../kit/random.ts";
import type { Ledger, Move } from "./ledger.ts";
import type { Network } from "./network.ts";
import type { boardRoom } from "./rooms.ts";
import type { Violations } from "./violations.ts";
import { DEV_SECRET } from "./workerd.ts";

export type Board = Room<typeof boardRoom>;
/** The definitions of rooms.ts differ in their names only. */
export type BoardDefinition = Omit<typeof boardRoom, "name"> & { readonly name: string };

export const PIECES = 12;
const ROOM = "table";
/** Between two bursts of actions, in ms: with eight players it keeps both cores busy. */
const PAUSE_MS = { least: 2, most: 25 };
/** More unanswered than this, and a player waits: what a restart has to send again stays a frame or two. */
const MOST_PENDING = 20;
const TOKEN_S = 24 * 60 * 60;

/** Joins as `user`, through the SDK; comes back as soon as the server does. */
export function joinBoard({ server, environment }: Network, definition: BoardDefinition, user: string): Board {
  const token = signToken({
    key: DEV_SECRET,
    user: { id: user, name: user },
    rooms: { [`${definition.name}:*`]: ["presence", "write", "create"] },
    expiresInSeconds: TOKEN_S,
  });
  const auth = async (): Promise<string> => {
    await server.listening; // instead of knocking while nobody is there
    return token;
  };
  const client = createClient({ host: "127.0.0.1", auth, environment });
  return client.join(definition as typeof boardRoom, ROOM, {
    presence: { cursor: null, mood: "" },
    create: { pieces: PIECES },
  });
}

export interface PlayerOptions {
  readonly network: Network;
  readonly definition: BoardDefinition;
  readonly user: string;
  readonly ledger: Ledger;
  readonly violations: Violations;
  readonly draw: Draw;
}

export class Player {
  readonly room: Board;
  readonly user: string;
  readonly #options: PlayerOptions;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlayerOptions) {
    const { network, definition, user } = options;
    this.#options = options;
    this.user = user;
    this.room = joinBoard(network, definition, user);
    this.#watch();
    this.#playSoon();
  }

  /** Does no more; what is under way goes on. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  leave(): void {
    this.rest();
    this.room.destroy();
  }

  #playSoon(): void {
    const { draw } = this.#options;
    this.#timer = setTimeout(
      () => {
        for (let left = draw.below(4); left > 0 && this.room.sync.pending < MOST_PENDING; left--) this.#act(chosen(draw));
        this.#playSoon();
      },
      PAUSE_MS.least + draw.below(PAUSE_MS.most - PAUSE_MS.least),
    );
  }

  #act(move: Move): void {
    const { ledger, user } = this.#options;
    ledger.enter(user, ++this.#number, move, this.#send(move));
  }

  #send(move: Move): Promise<{ seq: number; value: unknown }> {
    const { do: act } = this.room;
    switch (move.name) {
      case "add":
        return act.add({ n: move.n });
      case "grab":
        return act.grab({ id: move.id });
      case "drop":
        return act.drop({ id: move.id, x: move.x, y: move.y });
      case "roll":
        return act.roll();
    }
  }

  /** What was confirmed stays: the total only grows, whatever dies, and nobody becomes someone else. */
  #watch(): void {
    const { violations, user, definition } = this.#options;
    const report = (words: string): void => violations.report("lost", "client", definition.name, words);
    let total = 0;
    let me = 0;
    this.room.on("frame", () => {
      const { meta } = this.room.confirmed;
      if (meta.total < total) report(`${user} was shown a total of ${total}, then one of ${meta.total}`);
      total = meta.total;
      const now = this.room.self?.id ?? me;
      if (me !== 0 && now !== me) report(`${user} was number ${me}, and now is ${now}`);
      me = now;
    });
    this.room.on("error", (error) => violations.report("refused", "client", definition.name, `${user}: ${error.message}`));
  }
}

function chosen(draw: Draw): Move {
  const id = draw.below(PIECES);
  const kind = draw.next();
  if (kind < 0.6) return { name: "add", n: 1 + draw.below(1000) };
  if (kind < 0.75) return { name: "grab", id };
  if (kind < 0.9) return { name: "drop", id, x: draw.below(30_000), y: draw.below(30_000) };
  return { name: "roll" };
}
