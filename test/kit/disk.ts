/**
 * The disk of a simulated room: what is written takes a while to become durable, and the platform's output gate holds what
 * is said after a write until it is. What a crash would leave is known at any instant.
 */
import { MemoryStore } from "../../server/storage/memory-store.ts";
import type { Clock } from "./clock.ts";

/** What the store has of writes. */
const WRITES = new Set<string | symbol>([
  "create",
  "carryOver",
  "append",
  "draft",
  "adopt",
  "sweep",
  "keepAgenda",
  "keepVersion",
  "dropVersion",
  "bury",
]);

export class Disk {
  /** What the room reads: with rows that may not be durable yet. Another one after a crash, and after a commit that was lost. */
  store: MemoryStore;
  /** How long a row takes to become durable, in ms. */
  commitMs: number;
  /** Set to make the next row be lost after it was taken. */
  commitFailure: Error | undefined;
  readonly #clock: Clock;
  /** Sends wait until then: a write is on its way. */
  #gateUntil = 0;
  /** What waited for a write that was lost is never sent. */
  #lostGates: { after: number; to: number } | undefined;
  /** The commit that is about to be lost: whoever waits for it, or for a later one, is told. */
  #losing: { readonly error: Error; readonly before: MemoryStore } | undefined;
  /** Counts the objects that had it: what an old one waits for dies with it. */
  #object = 0;
  /** The store after each write, in which event that was, and when it is durable: what a crash goes back to. */
  #versions: { event: number; durableAt: number; store: MemoryStore }[] = [];

  constructor(clock: Clock, store: MemoryStore, commitMs: number) {
    this.#clock = clock;
    this.commitMs = commitMs;
    this.store = store;
    this.#begin(store);
  }

  /** No write is under way. */
  get resting(): boolean {
    return this.#clock.now >= this.#gateUntil;
  }

  /** What would be there if the process died now. */
  get durable(): MemoryStore {
    return this.#versions.findLast(({ durableAt }) => durableAt <= this.#clock.now)!.store;
  }

  /** The store for an object that begins: with the gate. */
  open(): MemoryStore {
    this.#object++;
    this.#losing = undefined;
    return new Proxy(this.store, {
      get: (_, name) => {
        const { store } = this;
        if (name === "settled") return () => this.#commit();
        const value: unknown = Reflect.get(store, name, store);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, store, args);
          if (WRITES.has(name)) this.#written();
          return result;
        };
      },
    });
  }

  /** Runs what the object says once all that it wrote before is durable; never, if the object or that row dies. */
  behindGate(say: () => void): void {
    const object = this.#object;
    const gate = Math.max(this.#clock.now, this.#gateUntil);
    this.#clock.at(gate, () => {
      const lost = this.#lostGates !== undefined && gate > this.#lostGates.after && gate <= this.#lostGates.to;
      if (object === this.#object && !lost) say();
    });
  }

  /** The process dies: what was not durable never was. */
  crash(): void {
    this.#begin(this.durable.copy());
    this.#gateUntil = 0;
  }

  /** Nothing is under way: what there is, is durable. */
  #begin(store: MemoryStore): void {
    this.store = store;
    this.#versions = [{ event: this.#clock.events, durableAt: this.#clock.now, store: store.copy() }];
  }

  #written(): void {
    const { now, events } = this.#clock;
    this.#gateUntil = Math.max(this.#gateUntil, now) + this.commitMs;
    this.#versions.push({ event: events, durableAt: this.#gateUntil, store: this.store.copy() });
    while (this.#versions.length > 1 && this.#versions[1]!.durableAt <= now) this.#versions.shift();
  }

  /** When what was written is durable. A commit that is lost takes with it all that its event wrote, and what came after. */
  #commit(): Promise<void> {
    const { now, events } = this.#clock;
    if (this.commitFailure) {
      const before = this.#versions.findLast(({ event }) => event < events) ?? this.#versions[0]!;
      this.#lostGates = { after: Math.max(now, before.durableAt), to: this.#gateUntil };
      this.#losing ??= { error: this.commitFailure, before: before.store };
      this.commitFailure = undefined;
    }
    const object = this.#object;
    const losing = this.#losing;
    return new Promise((resolve, reject) => {
      this.#clock.at(Math.max(this.#gateUntil, now), () => {
        if (object !== this.#object) return;
        if (!losing) return resolve();
        if (losing === this.#losing) {
          this.#losing = undefined;
          this.#begin(losing.before.copy());
        }
        reject(losing.error);
      });
    });
  }
}
