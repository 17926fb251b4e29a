/** What the lobby asks of a room: how it stands, and to keep a place in it. And what it is told: that there is one, or no longer. */
import * as decoding from "lib0/decoding";
import { plainView } from "../../shared/game/tables.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Seating, Summary } from "../lobby/summary.ts";
import type { GamePart } from "../parts/game/game-part.ts";
import type { Calls } from "./calls.ts";
import type { Connections } from "./connections.ts";
import type { Content } from "./content.ts";
import type { RoomHost, RoomOptions } from "./host.ts";
import type { Seats } from "./seats.ts";

export interface LobbyDeskHost extends Pick<RoomHost, "id" | "lobby" | "log"> {
  readonly definition: AnyRoom;
  readonly content: Content;
  readonly connections: Connections;
  readonly seats: Seats;
  readonly calls: Calls;
  readonly ended: RoomOptions["ended"];
}

export class LobbyDesk {
  readonly #host: LobbyDeskHost;

  constructor(host: LobbyDeskHost) {
    this.#host = host;
  }

  /** Keeps a place for a user who was matched with this room, for a short while. */
  seat(user: string): Seating {
    const { calls, seats } = this.#host;
    return calls.atRest(() => {
      const taken = this.summary();
      if (!taken) return { kind: "gone" };
      const free = seats.free(user, taken.players);
      if (free) seats.keep(user);
      return { kind: free ? "kept" : "full", summary: this.summary() ?? taken };
    });
  }

  /** The room as the lobby shows it; undefined: it has ended, or there is none. The open group must be closed. */
  summary(): Summary | undefined {
    const { id, definition, content, connections, seats } = this.#host;
    const loaded = content.load();
    if (loaded.kind !== "open") return undefined;
    if (loaded.game && this.#hasEnded(loaded.game)) return undefined;
    const type = definition.game?.["~rules"].params;
    const { count, until } = seats.kept;
    return {
      id,
      params: type ? type.read(decoding.createDecoder(loaded.birth.params)) : null,
      players: [...connections.joined()].length,
      capacity: seats.capacity,
      kept: count,
      keptUntil: until,
    };
  }

  /** The same for its list, on which a room with nobody in it does not stand. */
  listing(): Summary | undefined {
    const summary = this.#host.calls.atRest(() => this.summary());
    return summary && summary.players > 0 ? summary : undefined;
  }

  #hasEnded({ state }: GamePart): boolean {
    const { ended, log } = this.#host;
    try {
      return ended?.(plainView(state) as never) ?? false;
    } catch (error) {
      log("error", "who says whether the game has ended threw", error);
      return false;
    }
  }

  /** The lobby counts it as its maker's, or no longer; one that cannot be told forgets it by itself. */
  counted(exists: boolean): void {
    const { lobby, log } = this.#host;
    lobby?.counted(exists).catch((error: unknown) => log("error", "the lobby could not be told whether this room exists", error));
  }
}
