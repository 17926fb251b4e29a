/** A browser's storage for actions, in memory, with pages that can die in the middle of a write. */
import type { ClientOptions } from "coterie/client";
import { openActions } from "../../client/offline/actions.ts";
import type { ActionKey, KeptAction, Shelf } from "../../client/offline/shelf.ts";

const nameOf = ([room, session, number]: ActionKey): string => `${room} ${session} ${String(number).padStart(9, "0")}`;

/** One browser profile. */
export class MemoryBrowser {
  /** What a page that opens now would find. */
  readonly actions = new Map<string, KeptAction>();
  readonly #held = new Set<string>();
  /** Set to make all writes fail from now on. */
  failure: Error | undefined;
  /** How long an answer takes. */
  readonly #pause: () => Promise<void>;
  #lastUser: string | undefined;

  constructor(pause: () => Promise<void> = () => Promise.resolve()) {
    this.#pause = pause;
  }

  /** What a page of a user is given to `createClient`. */
  page(user: string): BrowserPage {
    return new BrowserPage(this, user);
  }

  /** For the page, as long as it lives. */
  shelf(page: BrowserPage): Shelf {
    const answer = async (): Promise<void> => {
      await this.#pause();
      if (page.isDead) await new Promise(() => {});
    };
    const held = (name: string): (() => void) | undefined => {
      if (this.#held.has(name)) return undefined;
      this.#held.add(name);
      const letGo = (): void => {
        if (page.holds.delete(letGo)) this.#held.delete(name);
      };
      page.holds.add(letGo);
      return letGo;
    };
    return {
      read: async (room) => {
        await answer();
        return [...this.actions].filter(([name]) => name.startsWith(`${room} `)).map(([, action]) => structuredClone(action));
      },
      write: async (puts, removes) => {
        await answer();
        if (this.failure) throw this.failure;
        for (const key of removes) this.actions.delete(nameOf(key));
        for (const action of puts)
          this.actions.set(nameOf([action.room, action.session, action.number]), structuredClone(action));
        const inOrder = [...this.actions].sort(([a], [b]) => (a < b ? -1 : 1));
        this.actions.clear();
        for (const [name, action] of inOrder) this.actions.set(name, action);
        await answer(); // it is stored, and the page may die before it hears of it
      },
      lastUser: async () => {
        await answer();
        return this.#lastUser;
      },
      keepLastUser: async (user) => {
        await answer();
        this.#lastUser = user;
      },
      holdIfFree: async (room, session) => {
        await answer();
        return held(`${room} ${session}`);
      },
      hold: async (room, session) => {
        for (;;) {
          await answer();
          const letGo = held(`${room} ${session}`);
          if (letGo) return letGo;
        }
      },
      onSeen: (listener) => {
        page.seen.add(listener);
        return () => page.seen.delete(listener);
      },
      close: () => {},
    };
  }
}

export class BrowserPage {
  /** To be given to `simulation.client`. */
  readonly options: ClientOptions;
  user: string;
  isDead = false;
  readonly holds = new Set<() => void>();
  readonly seen = new Set<() => void>();

  constructor(browser: MemoryBrowser, user: string) {
    this.user = user;
    this.options = {
      // A dead page asks for nothing any more.
      auth: () => (this.isDead ? new Promise(() => {}) : Promise.resolve(tokenOf(this.user))),
      offline: {
        open: async () => undefined,
        actions: (room, acting) => openActions(room, acting, async () => browser.shelf(this)),
      },
    };
  }

  /** Closed or crashed, without a word: its wire has to be cut as well. */
  die(): void {
    this.isDead = true;
    for (const letGo of this.holds) letGo();
  }

  /** It is looked at again. */
  see(): void {
    for (const listener of this.seen) listener();
  }
}

const tokenOf = (sub: string): string => `head.${btoa(JSON.stringify({ sub }))}.signature`;
