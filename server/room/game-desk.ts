/** What servers ask of a room's game: to read what everybody sees, and to act. */
import { plainView } from "../../shared/game/tables.ts";
import type { NumberedAnswer } from "../../shared/protocol/action.ts";
import { publicJson } from "../parts/game/public-json.ts";
import { Refusal } from "../parts/part.ts";
import type { Calls } from "./calls.ts";
import type { Facts } from "./connections.ts";
import type { Content } from "./content.ts";
import type { DocumentCopy } from "./document-desk.ts";
import { HTTP_SESSION } from "./sessions.ts";

export class GameDesk {
  readonly #content: Content;
  readonly #calls: Calls;

  constructor({ content, calls }: { readonly content: Content; readonly calls: Calls }) {
    this.#content = content;
    this.#calls = calls;
  }

  /** `{ params, state }` as JSON, without what is anybody's secret; undefined where that is still what `unless` tags. */
  read(unless: string | undefined): DocumentCopy | undefined {
    return this.#calls.atRest(() => {
      const game = this.#content.needGame();
      const tag = `${this.#content.epoch}-${game.publicSeq}`;
      if (tag === unless) return undefined;
      return { tag, content: `{"params":${JSON.stringify(game.params ?? null)},"state":${publicJson(game.state)}}` };
    });
  }

  /** Its whole state, with everybody's secrets: for tests. Shows what is there whenever it is looked at. */
  view(): unknown {
    return this.#calls.atRest(() => plainView(this.#content.needGame().state));
  }

  /** An action by the user's own server code, as user 0. */
  act(name: string, input: unknown): Promise<NumberedAnswer> {
    return this.#calls.answered((resolve) => this.#content.needGame().actAs({ me: 0 }, name, input, resolve));
  }

  /**
   * An action of a user who need not be in the room: `join` does not run. With a `key` the same call again gets the first
   * answer; keys are the user's own.
   */
  actAs({ user, scopes }: Facts, name: string, input: unknown, key: string | undefined): Promise<NumberedAnswer> {
    return this.#calls.answered((resolve) => {
      if (!scopes.includes("write")) throw new Refusal("forbidden", "the token does not allow acting");
      const game = this.#content.needGame();
      const me = this.#content.sessions.me(user.id);
      game.actAs({ me, scopes, ...(key !== undefined && { session: `${HTTP_SESSION}${me}:${key}` }) }, name, input, resolve);
    });
  }
}
