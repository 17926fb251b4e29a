/** The inputs of a game as they lie in a journal row, in order: enough to run the rules again and to answer resends. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
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
  | { readonly kind: "leave"; readonly me: number };

const KINDS = ["act", "join", "leave"] as const;

export function writeInput(to: Encoder, input: Input, answer: Answer): void {
  encoding.writeUint8(to, KINDS.indexOf(input.kind));
  encoding.writeVarUint(to, input.me);
  if (input.kind === "act") {
    encoding.writeVarUint(to, input.slot);
    encoding.writeVarUint(to, input.number);
    encoding.writeVarUint(to, input.action);
    encoding.writeVarUint8Array(to, input.input);
  }
  writeAnswer(to, answer);
}

export function readInput(from: Decoder): { input: Input; answer: Answer } {
  const kind = KINDS[decoding.readUint8(from)];
  const me = decoding.readVarUint(from);
  if (kind === undefined) throw new RangeError("journal row holds an input of an unknown kind");
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
  return { input, answer: readAnswer(from) };
}
