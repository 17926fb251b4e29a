/**
 * The inputs of a game as they lie in a journal row, in order: enough to run the rules again and to answer resends. Beside
 * them lies what they brought about and only the room knows: timers, and the secrets of private tables.
 */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import type { Timer } from "../../../shared/game/run.ts";
import { readAnswer, writeAnswer, type Answer } from "../../../shared/protocol/action.ts";

export type Input =
  | {
      readonly kind: "act";
      /** The session's slot; with number 0 nobody's: the room's own code acted. */
      readonly slot: number;
      readonly number: number;
      readonly me: number;
      readonly action: number;
      readonly input: Uint8Array;
    }
  | { readonly kind: "join"; readonly me: number }
  | { readonly kind: "leave"; readonly me: number }
  /** A timer that was due; its action and input stand where it was set. */
  | { readonly kind: "timer"; readonly id: number };

/** What an input brought about that is kept beside the public changes; `ticked`: set by a tick, which is no input. */
export type Effect =
  | { readonly kind: "set" | "ticked"; readonly id: number; readonly timer: Timer }
  /** The cells of private tables that the whole row wrote. */
  | { readonly kind: "secrets"; readonly changes: Uint8Array };

export type Entry = { readonly kind: "input"; readonly input: Input; readonly answer: Answer } | Effect;

const KINDS = ["act", "join", "leave", "timer", "set", "secrets", "ticked"] as const;

export function writeInput(to: Encoder, input: Input, answer: Answer): void {
  encoding.writeUint8(to, KINDS.indexOf(input.kind));
  encoding.writeVarUint(to, input.kind === "timer" ? input.id : input.me);
  if (input.kind === "act") {
    encoding.writeVarUint(to, input.slot);
    encoding.writeVarUint(to, input.number);
    encoding.writeVarUint(to, input.action);
    encoding.writeVarUint8Array(to, input.input);
  }
  writeAnswer(to, answer);
}

export function writeEffect(to: Encoder, effect: Effect): void {
  encoding.writeUint8(to, KINDS.indexOf(effect.kind));
  if (effect.kind !== "secrets") writeTimer(to, effect.id, effect.timer);
  else encoding.writeVarUint8Array(to, effect.changes);
}

export function writeTimer(to: Encoder, id: number, { at, action, input }: Timer): void {
  encoding.writeVarUint(to, id);
  encoding.writeFloat64(to, at);
  encoding.writeVarUint(to, action);
  encoding.writeVarUint8Array(to, input);
}

export function readTimer(from: Decoder): [id: number, timer: Timer] {
  const id = decoding.readVarUint(from);
  return [
    id,
    { at: decoding.readFloat64(from), action: decoding.readVarUint(from), input: decoding.readVarUint8Array(from).slice() },
  ];
}

export function readEntry(from: Decoder): Entry {
  const kind = KINDS[decoding.readUint8(from)];
  if (kind === undefined) throw new RangeError("journal row holds an input of an unknown kind");
  if (kind === "set" || kind === "ticked") {
    const [id, timer] = readTimer(from);
    return { kind, id, timer };
  }
  if (kind === "secrets") return { kind, changes: decoding.readVarUint8Array(from) };
  if (kind === "timer") return { kind: "input", input: { kind, id: decoding.readVarUint(from) }, answer: readAnswer(from) };
  const me = decoding.readVarUint(from);
  const input: Input =
    kind === "act"
      ? {
          kind,
          me,
          slot: decoding.readVarUint(from),
          number: decoding.readVarUint(from),
          action: decoding.readVarUint(from),
          input: decoding.readVarUint8Array(from),
        }
      : { kind, me };
  return { kind: "input", input, answer: readAnswer(from) };
}
