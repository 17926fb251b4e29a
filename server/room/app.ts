/** The app's own code, as a room calls it: with who comes and goes, and with what the game emits. What it throws is its own affair. */
import type { GameEvent } from "../../shared/game/run.ts";
import type { Connection } from "./connections.ts";
import type { RoomHooks, RoomHost } from "./host.ts";

export interface AppHost extends Pick<RoomHost, "store" | "log"> {
  readonly hooks: RoomHooks;
}

export class App {
  readonly #host: AppHost;

  constructor(host: AppHost) {
    this.#host = host;
  }

  told(what: "join" | "leave" | "empty", { me, facts }: Connection): void {
    const { hooks, log } = this.#host;
    try {
      hooks[what]?.({ id: me, user: facts.user });
    } catch (error) {
      log("error", `who was told of ${what} threw`, error);
    }
  }

  /** Once it is durable. */
  event(event: GameEvent): void {
    const { hooks, store, log } = this.#host;
    if (!hooks.event) return;
    store
      .settled()
      .then(() => hooks.event?.(event))
      .catch((error: unknown) => log("error", "an event was not durable, or who was told of it threw", error));
  }
}
