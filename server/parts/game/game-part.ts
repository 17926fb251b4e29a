/**
 * A game in a room. Actions run here with authority, one after the other, and what they write waits in the open group;
 * streams go to an overlay and out with the next beat. A row's section holds the inputs, from which the rules can be run
 * again, and the public changes, from which everyone takes the result (open-row.ts).
 */
import * as decoding from "lib0/decoding";
import { join } from "../../../shared/bytes.ts";
import type { ActionMove, AnyContext, Migration } from "../../../shared/game/define-game.ts";
import { applyDelta } from "../../../shared/game/delta.ts";
import { run, type AnyGame, type Caller, type GameEvent, type Timer } from "../../../shared/game/run.ts";
import { GameState, plainView } from "../../../shared/game/tables.ts";
import type { Act, Answer } from "../../../shared/protocol/action.ts";
import { encode, type Frame } from "../../../shared/protocol/frame.ts";
import type { Connection, Scope } from "../../room/connections.ts";
import type { Asker } from "../../room/group.ts";
import type { Sessions } from "../../room/sessions.ts";
import { Refusal, type KeptPart, type MissedRow, type PartHost, type PartMessage, type ReadSection } from "../part.ts";
import { ActionRates, checkScope, jsonOf, readWhole } from "./action-limits.ts";
import { Chance } from "./chance.ts";
import { GameFrames } from "./game-frames.ts";
import { readEntry, type Input } from "./inputs.ts";
import { OpenRow } from "./open-row.ts";
import { GAME_SECTION, readGame, writeGame } from "./stored.ts";
import { StreamLane } from "./stream-lane.ts";
import { Timers, TOO_MANY_TIMERS } from "./timers.ts";

export interface GamePartOptions {
  readonly game: AnyGame;
  readonly host: PartHost;
  readonly sessions: Sessions;
  /** What nobody may foresee comes from. */
  readonly secret: string;
  readonly params: unknown;
  /** Says what the rules threw, where that is a bug. */
  report(error: unknown): void;
  /** An event of the game, once its row is written. */
  event(event: GameEvent): void;
}

/** Who acts without a socket. */
export interface Author {
  /** `c.me`; 0: the room's own code. */
  readonly me: number;
  /** What a token allows; undefined: all. */
  readonly scopes?: readonly Scope[];
  /** One of this call alone, so that the same call again is known; undefined: it is not. */
  readonly session?: string;
}

/** The slot of inputs that no session sent. */
const NO_SLOT = 0;

export class GamePart implements KeptPart {
  readonly section: number = GAME_SECTION;
  readonly state: GameState;
  readonly #options: GamePartOptions;
  readonly #streams: StreamLane;
  readonly #row: OpenRow;
  readonly #frames: GameFrames;
  readonly #rates: ActionRates;
  /** Users who have joined and not left, by the game's own account. */
  readonly #present = new Set<number>();
  readonly #timers = new Timers();
  readonly #chance: Chance;
  /** Since this object woke. */
  #ticks = 0;

  constructor(options: GamePartOptions) {
    this.#options = options;
    this.state = new GameState(options.game["~rules"].state);
    this.#streams = new StreamLane(options.game, this.state, options.params, options.host);
    this.#row = new OpenRow(options.game, this.state);
    this.#frames = new GameFrames(this.state);
    this.#rates = new ActionRates(() => options.host.now());
    this.#chance = new Chance(options.secret);
  }

  /** Fills a new room. */
  setup(at: number): void {
    const { game, params } = this.#options;
    const rules = game["~rules"];
    const outcome = run(rules, this.state, params, { me: 0, now: at, seed: this.#chance.of("setup") }, (c) => rules.setup(c));
    if (outcome.kind === "broke") throw outcome.error;
    if (outcome.kind === "rejected") throw new Refusal("bad-input", `the game refused its parameters: ${outcome.code}`);
    this.state.log.clear();
    this.#frames.restored(0);
    for (const timer of outcome.timers) this.#timers.add(timer);
  }

  /** Fills the state, which is empty, from what older rules have left; `seq` is the row that it stands for. */
  carryOver(former: GamePart, migration: Migration, at: number, seq: number): void {
    const { game, params } = this.#options;
    const caller = { me: 0, now: at, seed: this.#chance.of("migrate", game.version) };
    const outcome = run(game["~rules"], this.state, params, caller, (c) => migration.run(plainView(former.state), c));
    if (outcome.kind === "broke") throw outcome.error;
    if (outcome.kind === "rejected") throw new RangeError(`the migration to version ${game.version} rejects: ${outcome.code}`);
    this.state.log.clear();
    this.#frames.restored(seq);
    for (const me of former.#present) this.#present.add(me);
    for (const [id, timer] of former.#timers) this.#timers.set(id, timer);
    for (const timer of outcome.timers) this.#timers.add(timer);
  }

  // ---- what clients say

  receive(connection: Connection, message: PartMessage): boolean {
    if (message.kind !== "act" && message.kind !== "move") return false;
    if (!connection.facts.scopes.includes("write")) throw new Refusal("forbidden", "the token does not allow acting");
    if (message.kind === "move") this.#streams.move(connection, message);
    else this.#act(connection, message);
    return true;
  }

  #act(connection: Connection, { number, action, input }: Act): void {
    const { host, sessions, game } = this.#options;
    const move = game["~rules"].actions[action];
    if (!move) throw new Refusal("unknown-action", `action ${action}, expected 0 to ${game["~rules"].actions.length - 1}`);
    // Who it is comes first. What ran before is answered, whatever the rate now says; and only the action whose turn it is
    // can be refused, since the client moves the numbers behind a refused one up.
    const admission = sessions.admit(connection.session, connection.me, number, this.publicSeq);
    switch (admission.kind) {
      case "gap":
        throw new Refusal("gap", `action ${number} came before the one it follows`);
      case "expired":
        throw new Refusal("session-expired", `action ${number} of a session this room does not know`);
      case "again":
        host.group().again(connection, admission.answer);
        host.markGroup();
        return;
      case "run": {
        checkScope(move, connection.facts.scopes);
        this.#rates.take(connection, move);
        const value = readWhole(move, input); // before the number counts: a malformed input uses up none
        const slot = sessions.slot(connection.session, connection.me);
        const act = { kind: "act", slot, number, me: connection.me, action, input } as const;
        const answer = this.#run(act, move, value, () => connection.session);
        sessions.answered(slot, number, host.group().seq, host.group().at, answer);
        host.group().answer(connection, number, answer);
      }
    }
  }

  /** Runs an action for someone who is not behind a socket. Throws Refusal and WireError, and nothing has changed then. */
  actAs({ me, scopes, session }: Author, name: string, input: unknown, asker: Asker): void {
    const { game, host, sessions } = this.#options;
    const move = game["~rules"].actions.find((each) => each.name === name);
    if (!move)
      throw new Refusal(
        "unknown-action",
        `action ${JSON.stringify(name)}, expected one of ${game["~rules"].actions.map((each) => each.name).join(", ")}`,
      );
    if (session !== undefined) {
      const admission = sessions.admit(session, me, 1, this.publicSeq);
      if (admission.kind === "again") {
        host.group().again(asker, admission.answer);
        return host.markGroup();
      }
    }
    if (scopes) checkScope(move, scopes);
    if (me > 0) this.#rates.take(me, move);
    const bytes = encode((to) => move.input?.write(to, move.input.check(input, ["input"])));
    const value = readWhole(move, bytes);
    const known = session !== undefined;
    const slot = known ? sessions.slot(session, me) : NO_SLOT;
    const act = { kind: "act", slot, number: known ? 1 : 0, me, action: move.number, input: bytes } as const;
    const answer = this.#run(act, move, value, () => session ?? "");
    if (known) sessions.answered(slot, 1, host.group().seq, host.group().at, answer);
    host.group().answer(asker, act.number, answer);
  }

  #run(input: Extract<Input, { kind: "act" }>, move: ActionMove, value: unknown, session: () => string = () => ""): Answer {
    const caller = { me: input.me, now: this.#options.host.group().at, seed: this.#seedFor(input, move, session) };
    const draft = move.predict ? this.state.publicDraft : this.state.draft;
    return this.#apply(input, caller, (c) => jsonOf(move.run(c, value)), draft);
  }

  #seedFor(input: Input, move?: ActionMove, session: () => string = () => ""): number | (() => number) {
    return this.#chance.for(input, move, this.#options.host.group().seq, this.#row.inputs, session);
  }

  // ---- what happens by itself

  /** When the first timer is due, in ms since 1970; undefined: there is none. */
  get due(): number | undefined {
    return this.#timers.due;
  }

  /** Runs the actions whose time has come. */
  ring(): void {
    const { game, host } = this.#options;
    for (const [id, { at, action, input: bytes }] of this.#timers.take(host.now())) {
      const move = game["~rules"].actions[action]; // rules of another version may have another
      const rule = (c: AnyContext): unknown => {
        if (!move) throw new RangeError(`a timer is for action ${action}, expected 0 to ${game["~rules"].actions.length - 1}`);
        return jsonOf(move.run(c, readWhole(move, bytes)));
      };
      const input = { kind: "timer", id } as const;
      const now = Math.max(host.group().at, at); // the group may have been opened before it was due
      this.#apply(input, { me: 0, now, seed: this.#seedFor(input) }, rule);
    }
  }

  /** What moves by itself moves on. */
  tick(): void {
    const { game, host, params, report } = this.#options;
    const rules = game["~rules"];
    const now = host.now();
    const caller: Caller = { me: 0, now, seed: this.#chance.of("tick", now, this.#ticks++) };
    const outcome = run(rules, this.state, params, caller, (c) => rules.tick!(c), this.#streams.draft);
    if (outcome.kind === "broke") return report(outcome.error);
    if (outcome.kind === "rejected") return report(new RangeError(`tick rejected: ${outcome.code}`));
    if (outcome.events.length > 0) report(new RangeError("tick emits events, which an action must: c.after(0, …)"));
    for (const timer of outcome.timers)
      if (timer.at > now) {
        if (this.#timers.fits([timer])) this.#set(timer, "ticked");
        else report(new RangeError(TOO_MANY_TIMERS));
      } else {
        const move = rules.actions[timer.action]!;
        const input = { kind: "act", slot: NO_SLOT, number: 0, me: 0, action: timer.action, input: timer.input } as const;
        this.#run(input, move, readWhole(move, timer.input));
      }
  }

  /** Keeps a timer with the open group. */
  #set(timer: Timer, kind: "set" | "ticked" = "set"): void {
    this.#options.host.markGroup();
    this.#row.effect({ kind, id: this.#timers.add(timer), timer });
  }

  /** Runs a rule in the open group. */
  #apply(input: Input, caller: Caller, rule: (c: AnyContext) => unknown, draft: unknown = this.state.draft): Answer {
    const { answer, timers } = this.#outcome(caller, rule, draft);
    this.#row.input(input, answer);
    for (const timer of timers) this.#set(timer);
    return answer;
  }

  #outcome(caller: Caller, rule: (c: AnyContext) => unknown, draft: unknown): { answer: Answer; timers: readonly Timer[] } {
    const { game, host, params, report } = this.#options;
    const mark = this.state.log.length;
    host.markGroup();
    const outcome = run(game["~rules"], this.state, params, caller, rule, draft);
    if (outcome.kind === "rejected") return { answer: outcome, timers: [] };
    if (outcome.kind === "broke") {
      report(outcome.error);
      return { answer: BROKE, timers: [] };
    }
    if (!this.#timers.fits(outcome.timers)) {
      this.state.rollback(mark);
      report(new RangeError(TOO_MANY_TIMERS));
      return { answer: BROKE, timers: [] };
    }
    this.#row.emitted(outcome.events);
    this.#streams.written(this.state.log.since(mark));
    return { answer: { kind: "done", json: String(outcome.value) }, timers: outcome.timers };
  }

  // ---- coming and going

  joined(connection: Connection): void {
    const { join, leave } = this.#options.game["~rules"];
    if (connection.me === 0 || this.#present.has(connection.me) || !(join || leave)) return;
    this.#present.add(connection.me);
    this.#hook("join", connection.me);
  }

  left(connection: Connection): void {
    this.#streams.left(connection);
  }

  /** A user's last session has been gone for long enough. */
  userLeft(me: number): void {
    if (this.#present.delete(me)) this.#hook("leave", me);
  }

  /** Users who have joined and not left. */
  get present(): ReadonlySet<number> {
    return this.#present;
  }

  #hook(kind: "join" | "leave", me: number): void {
    const { game, host } = this.#options;
    const rules = game["~rules"];
    const caller = { me, now: host.group().at, seed: this.#seedFor({ kind, me }) };
    this.#apply({ kind, me }, caller, (c) => rules[kind]?.(c));
  }

  // ---- what lasts

  collect(): Uint8Array | undefined {
    if (this.#row.isEmpty) return undefined;
    const { section, row } = this.#row.close(this.#options.host.group().seq);
    this.#frames.closed(row);
    return section;
  }

  durable(frame: Frame): void {
    const row = this.#frames.durable(frame);
    this.#streams.durable(frame);
    for (const event of row?.events ?? []) this.#options.event(event);
  }

  get params(): unknown {
    return this.#options.params;
  }

  /** The `seq` up to which a client that has heard everything has applied changes, once `durable` has been told. */
  get publicSeq(): number {
    return this.#frames.publicSeq;
  }

  /** The group that has just closed, as single users are told of it, before everyone is told the rest. */
  secrets(connections: Iterable<Connection>): Iterable<[Connection, Uint8Array]> {
    return this.#frames.secrets(connections);
  }

  volatile(frame: Frame): void {
    this.#streams.volatile(frame);
  }

  whole(frame: Frame): void {
    this.#frames.whole(frame);
  }

  missed(frame: Frame, rows: readonly MissedRow[]): void {
    this.#frames.missed(frame, rows);
  }

  personal(connection: Connection, frame: Frame): void {
    this.#frames.personal(connection, frame);
  }

  welcome(frame: Frame): void {
    this.#frames.welcome(frame);
    this.#streams.welcome(frame);
  }

  // ---- storage

  snapshot(): Map<number, Uint8Array> {
    const { publicSeq } = this;
    const bytes = encode((to) => writeGame(to, this.state, this.#timers, { publicSeq, present: [...this.#present] }));
    return new Map([[this.section, bytes]]);
  }

  check(read: ReadSection): void {
    readGame(decoding.createDecoder(join(read(this.section))), new GameState(this.#options.game["~rules"].state), new Timers());
  }

  restore(read: ReadSection): void {
    this.#row.clear();
    this.#streams.clear();
    this.#present.clear();
    const { publicSeq, present } = readGame(decoding.createDecoder(join(read(this.section))), this.state, this.#timers);
    this.#frames.restored(publicSeq);
    for (const me of present) this.#present.add(me);
  }

  replay(bytes: Uint8Array, seq: number, at: number): void {
    const from = decoding.createDecoder(bytes);
    const changes = decoding.readVarUint8Array(from);
    if (changes.length > 0) applyDelta(decoding.createDecoder(changes), this.state);
    while (decoding.hasContent(from)) {
      const entry = readEntry(from);
      if (entry.kind === "secrets") applyDelta(decoding.createDecoder(entry.changes), this.state);
      else if (entry.kind !== "input") this.#timers.set(entry.id, entry.timer);
      else {
        const { input, answer } = entry;
        if (input.kind === "join") this.#present.add(input.me);
        else if (input.kind === "leave") this.#present.delete(input.me);
        else if (input.kind === "timer") this.#timers.delete(input.id);
        else if (input.number > 0) this.#options.sessions.answered(input.slot, input.number, seq, at, answer);
      }
    }
    this.state.log.clear();
    this.#frames.restored(changes.length > 0 ? seq : this.publicSeq);
  }
}

const BROKE: Answer = { kind: "broke", code: "internal" };
