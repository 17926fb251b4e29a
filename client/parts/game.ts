/**
 * The game on the client. Two copies of the state: what the room has confirmed, and on top of a second copy what this
 * page has done since and not heard of. When something confirmed comes, predictions are taken back, it is applied, and
 * the predictions run again; live values of streams lie above both.
 */
import * as decoding from "lib0/decoding";
import { applyDelta } from "../../shared/game/delta.ts";
import type { Rules } from "../../shared/game/define-game.ts";
import { run, type AnyGame, type Caller, type GameEvent } from "../../shared/game/run.ts";
import { seedOf } from "../../shared/game/random.ts";
import { readSnapshot } from "../../shared/game/snapshot.ts";
import { GameState } from "../../shared/game/tables.ts";
import type { Write } from "../../shared/game/undo-log.ts";
import { writeAct, type Answers, type Fault } from "../../shared/protocol/action.ts";
import type { Down } from "../../shared/protocol/down.ts";
import { encode, type Frame } from "../../shared/protocol/frame.ts";
import { writeDrifted, type Delta, type Hash, type Secrets } from "../../shared/protocol/game.ts";
import { errorReaction } from "../../shared/protocol/error-code.ts";
import { MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { UP } from "../../shared/protocol/up.ts";
import { RoomError } from "../../shared/room/room-error.ts";
import { Outbox, type Numbered } from "../outbox.ts";
import type { ClientHost, ClientPart } from "./part.ts";
import { StreamsClient } from "./streams.ts";
import { StateView } from "./view.ts";

export interface GameHost extends ClientHost {
  event(event: GameEvent): void;
  /** The client has missed something that will not come by itself: connect anew and take the state. */
  resync(): void;
  /** What the page held differed from the room's: it has to be said, and the state is taken anew. */
  drifted(): void;
  /** The room no longer knows this session: begin another. */
  newSession(): void;
}

/** Actions that could not be stored, or were too many at once, are sent again after this, in ms. */
const UNAVAILABLE_MS = 1000;
/** The most bytes that an action's numbers take before its input. */
const ACT_BYTES = 16;
/** The longest input: it has to fit a frame, beside its numbers and the frame's own. */
const MAX_INPUT_BYTES = MAX_FRAME_BYTES - 2 * ACT_BYTES;

export class GameClient implements ClientPart {
  /** The last `seq` applied; 0 before the first state. */
  seq = 0;
  /** The room's parameters; undefined before the welcome. */
  params: unknown;
  readonly do: Record<string, (input?: unknown) => unknown> = {};
  readonly #rules: Rules;
  readonly #host: GameHost;
  readonly #confirmed: GameState;
  readonly #predicted: GameState;
  readonly #confirmedView: StateView;
  readonly #view: StateView;
  readonly #streams: StreamsClient;
  readonly outbox: Outbox = new Outbox();
  /** The first state is here. */
  loaded = false;
  /** Answers whose delta has not been applied. */
  #answers: Answers[] = [];
  /** Events of deltas that came in this frame. */
  #events: GameEvent[] = [];
  /** Secrets that wait for what is public. */
  #secrets: Secrets[] = [];
  /** How often this page's state differed since it last did not. */
  #drifts = 0;
  /** The row after which this page's state was found to differ, until the room has been told. */
  #driftedAt: number | undefined;
  /** Predictions have been taken back, to be run again when the frame is through. */
  #undone = false;
  #destroyed = false;
  /** Actions up to below this number were made before this socket. */
  #made = 0;
  /** Forgets that something is to be sent again after a while. */
  #retry: () => void = () => {};

  constructor(game: AnyGame, host: GameHost) {
    this.#rules = game["~rules"];
    this.#host = host;
    this.#confirmed = new GameState(this.#rules.state);
    this.#predicted = new GameState(this.#rules.state);
    this.#confirmedView = new StateView(this.#confirmed);
    this.#streams = new StreamsClient(this.#rules, this.#predicted, host, {
      params: () => this.params,
      touch: (table, id) => this.#view.touch(table, id),
    });
    this.#view = new StateView(this.#predicted, (table, id, column, value) => this.#streams.shown(table, id, column, value));
    for (const move of this.#rules.actions) this.do[move.name] = (input) => this.#act(move.number, input);
    for (const move of this.#rules.streams) this.do[move.name] = (input) => this.#streams.set(move, input);
  }

  get state(): unknown {
    return this.#view.view;
  }
  get confirmed(): unknown {
    return this.#confirmedView.view;
  }
  get motion(): StreamsClient["motion"] {
    return this.#streams.motion;
  }
  /** Actions that have no answer yet. */
  get pending(): number {
    return this.outbox.size;
  }

  // ---- what the page does

  #act(action: number, input: unknown): Promise<{ seq: number; value: unknown }> {
    const move = this.#rules.actions[action]!;
    return new Promise((resolve, reject) => {
      try {
        if (this.#destroyed) throw new RoomError("destroyed");
        if (this.outbox.full) throw new RoomError("overloaded");
        const bytes = encode((to) => move.input?.write(to, move.input.check(input, [move.name])));
        if (bytes.length > MAX_INPUT_BYTES)
          throw new RoomError("bad-input", {
            reason: `${move.name}: its input is too long`,
            received: `${bytes.length} bytes`,
            expected: `at most ${MAX_INPUT_BYTES}`,
          });
        const value = move.input?.read(decoding.createDecoder(bytes)); // what the room will read
        const number = this.outbox.add({ action, value, bytes, resolve, reject });
        if (this.loaded && !this.#undone) this.#predict({ action, value, bytes, number, resolve, reject });
        this.#streams.recheck();
        this.#host.flush();
        this.#host.changed();
      } catch (error) {
        reject(error);
      }
    });
  }

  #predict({ action, value, number }: Numbered): void {
    const move = this.#rules.actions[action]!;
    if (!move.predict) return;
    const mark = this.#predicted.log.length;
    const caller: Caller = { me: this.#host.me(), now: this.#host.serverNow(), seed: seedOf(this.#host.session(), number) };
    // A refusal is the room's to say, and so is that it names a secret.
    run(this.#rules, this.#predicted, this.params, caller, (c) => move.run(c, value), this.#predicted.publicDraft);
    this.#predictedWrites(this.#predicted.log.since(mark));
  }

  #predictedWrites(writes: readonly Write[]): void {
    for (const { table, id, column } of writes) {
      this.#streams.predicted(table, id, column);
      this.#view.touch(table, id);
    }
  }

  // ---- what the room says

  receive(message: Down): boolean {
    switch (message.kind) {
      case "state":
        this.#undo();
        readSnapshot(decoding.createDecoder(message.snapshot), this.#confirmed, this.#confirmed.publicTables, this.#predicted);
        this.#confirmedView.touchAll();
        this.#view.touchAll();
        this.seq = message.seq;
        this.loaded = true;
        return true;
      case "delta":
        this.#delta(message);
        return true;
      case "answers":
        this.#answers.push(message);
        if (message.after <= this.seq) this.#undo();
        return true;
      case "secrets":
        this.#secrets.push(message);
        return true;
      case "hash":
        this.#compare(message);
        return true;
      case "streams":
        this.#streams.receive(message);
        return true;
      case "fault":
        return this.#fault(message);
      default:
        return false;
    }
  }

  #delta({ since, seq, changes }: Delta): void {
    if (seq <= this.seq) return;
    if (since > this.seq) return this.#host.resync();
    this.#undo();
    const touched = (table: number, id: number): void => {
      this.#streams.written(table, id);
      this.#view.touch(table, id);
      this.#confirmedView.touch(table, id);
    };
    applyDelta(decoding.createDecoder(changes), this.#predicted);
    this.#predicted.log.clear();
    const from = decoding.createDecoder(changes);
    applyDelta(from, this.#confirmed, touched);
    this.#confirmed.log.clear();
    const types = Object.entries(this.#rules.events);
    while (decoding.hasContent(from)) {
      const [type, wire] = types[decoding.readVarUint(from)]!;
      this.#events.push({ type, data: wire.read(from) });
    }
    this.seq = seq;
  }

  /** What everybody sees must sum up to the same here as in the room. */
  #compare({ seq, hash }: Hash): void {
    if (seq !== this.seq) return;
    if (this.#confirmed.hash === hash) {
      this.#drifts = 0;
      return;
    }
    // A state taken anew that differs again is as the room gave it: then the hash is wrong, and to come anew would not end.
    if (this.#drifts++ > 0) return;
    this.#driftedAt = seq;
    this.#host.drifted();
  }

  #applySecrets(): void {
    while (this.#secrets.length > 0 && this.#secrets[0]!.after <= this.seq) {
      const { whole, changes } = this.#secrets.shift()!;
      this.#undo();
      if (whole)
        for (const state of [this.#confirmed, this.#predicted]) for (const table of state.privateTables) table.load([], []);
      for (const [state, view] of [
        [this.#predicted, this.#view],
        [this.#confirmed, this.#confirmedView],
      ] as const) {
        applyDelta(decoding.createDecoder(changes), state, (table, id) => view.touch(table, id));
        state.log.clear();
        if (whole) for (const { number } of state.privateTables) view.touchTable(number);
      }
    }
  }

  #undo(): void {
    if (this.#undone) return;
    this.#undone = true;
    for (const { table, id } of this.#predicted.log.since(0)) this.#view.touch(table, id);
    this.#predicted.rollback(0);
    this.#streams.unpredicted();
  }

  /** The frame is through: answers count, and what is still unanswered is predicted again on the new ground. */
  settled(): void {
    this.#applySecrets();
    const settle: (() => void)[] = [];
    while (this.#answers.length > 0 && this.#answers[0]!.after <= this.seq)
      for (const { number, seq, answer } of this.#answers.shift()!.answers) {
        const pending = this.outbox.answered(number);
        if (!pending) continue;
        if (answer.kind === "done")
          settle.push(() => pending.resolve({ seq, value: answer.json === "" ? undefined : JSON.parse(answer.json) }));
        else settle.push(() => pending.reject(new RoomError(answer.code)));
      }
    this.#repredict();
    this.#streams.settled();
    this.#host.flush(); // an answer makes room for what waited
    for (const each of settle) each();
    const events = this.#events;
    this.#events = [];
    for (const event of events) this.#host.event(event);
  }

  #repredict(): void {
    if (!this.#undone) return;
    this.#undone = false;
    if (this.loaded) for (const pending of this.outbox) this.#predict(pending);
    this.#streams.recheck();
  }

  #fault({ number, code, message }: Fault): boolean {
    if (number === 0) return false;
    const reaction = errorReaction(code);
    if (reaction === "renew" && number === this.outbox.first) {
      for (const pending of this.outbox.clear()) pending.reject(new RoomError(code));
      this.#host.newSession();
    } else if (reaction === "resend") {
      this.#retry();
      this.#retry = this.#host.after(UNAVAILABLE_MS, () => this.again());
    } else if (code === "rate-limited" && number < this.#made) {
      // It was made at its rate, without this socket, and comes with all the others at once: the rest of them waits as well.
      this.#retry();
      this.#retry = this.#host.after(UNAVAILABLE_MS, () => {
        this.outbox.again();
        this.#host.flush();
      });
    } else if (reaction === "reject") {
      // A gap (`await`) follows what was refused, and has moved the numbers up, or could not be stored: what fills it is on
      // its way. Where that is the first action of all, the room does not know the session either.
      this.outbox.refused(number)?.reject(new RoomError(code, { reason: message }));
      this.#undo();
      this.#host.flush();
    }
    return true;
  }

  /**
   * Sends again what has no answer: the connection is new. Answers that still wait for their delta will come again too.
   * Never twice on one connection without the room having asked: were a number under way twice and refused, the second
   * refusal would fall on the action that has moved up to it.
   */
  again(): void {
    this.#retry();
    this.#answers = [];
    this.#secrets = [];
    this.outbox.again();
    this.#made = this.outbox.first + this.outbox.size;
    this.#undo(); // it may be those of another page by now
    this.#streams.again();
    this.#host.flush();
  }

  /** Live values begin anew: the object behind the room has. */
  newLife(): void {
    this.#streams.newLife();
  }

  /** Nobody will answer any more. */
  abandon(code: "destroyed" | "disconnected" | "unanswered"): void {
    this.#destroyed = code === "destroyed";
    this.#retry();
    for (const pending of this.outbox.clear()) pending.reject(new RoomError(code));
    this.#undo();
    this.#repredict();
  }

  send(frame: Frame): void {
    if (this.#driftedAt !== undefined) frame.add(UP.drifted, writeDrifted(this.#driftedAt));
    this.#driftedAt = undefined;
    for (const { number, action, bytes } of this.outbox.take((input) => frame.fits(input.length + ACT_BYTES)))
      frame.add(UP.act, writeAct({ number, action, input: bytes }));
    if (this.outbox.waits) this.#host.flush(); // the rest goes with the next frame
    this.#streams.send(frame);
  }
}
