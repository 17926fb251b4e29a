/** Actions go up, in order, each with its number; answers come back when the row that holds them is durable. */
import * as decoding from "lib0/decoding";
import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Encoder } from "lib0/encoding";
import { encode, rest } from "./frame.ts";

export interface Act {
  readonly kind: "act";
  /** 1, 2, 3, … within a session, without a gap. */
  readonly number: number;
  /** The action's number in the game's declaration. */
  readonly action: number;
  readonly input: Uint8Array;
}

export const writeAct = (act: Omit<Act, "kind">): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, act.number);
    encoding.writeVarUint(to, act.action);
    encoding.writeUint8Array(to, act.input);
  });

export const readAct = (from: Decoder): Act => ({
  kind: "act",
  number: decoding.readVarUint(from),
  action: decoding.readVarUint(from),
  input: rest(from),
});

/**
 * What became of an action. `done` holds the value as JSON ("" for none), `rejected` one of the game's codes, `broke`
 * an error code of ours. All three are kept, and given again to a resend.
 */
export type Answer =
  | { readonly kind: "done"; readonly json: string }
  | { readonly kind: "rejected"; readonly code: string }
  | { readonly kind: "broke"; readonly code: string };

const ANSWER_KINDS = ["done", "rejected", "broke"] as const;

export function writeAnswer(to: Encoder, answer: Answer): void {
  encoding.writeUint8(to, ANSWER_KINDS.indexOf(answer.kind));
  encoding.writeVarString(to, answer.kind === "done" ? answer.json : answer.code);
}

export function readAnswer(from: Decoder): Answer {
  const kind = ANSWER_KINDS[decoding.readUint8(from)];
  const text = decoding.readVarString(from);
  if (kind === undefined) throw new RangeError("answer of an unknown kind");
  return kind === "done" ? { kind, json: text } : { kind, code: text };
}

export interface Answers {
  readonly kind: "answers";
  /** They count once the client has applied this `seq`: the delta of their own row where it has one. */
  readonly after: number;
  readonly answers: readonly NumberedAnswer[];
}
export interface NumberedAnswer {
  readonly number: number;
  /** The row that holds it. */
  readonly seq: number;
  readonly answer: Answer;
}

/** `answers` go out behind the row and before its delta, so that the prediction gives way to the fact in one step. */
export const writeAnswers = (after: number, answers: readonly NumberedAnswer[]): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, after);
    for (const { number, seq, answer } of answers) {
      encoding.writeVarUint(to, number);
      encoding.writeVarUint(to, seq);
      writeAnswer(to, answer);
    }
  });

export function readAnswers(from: Decoder): Answers {
  const after = decoding.readVarUint(from);
  const answers: NumberedAnswer[] = [];
  while (decoding.hasContent(from))
    answers.push({ number: decoding.readVarUint(from), seq: decoding.readVarUint(from), answer: readAnswer(from) });
  return { kind: "answers", after, answers };
}

/** A refusal that needs no state: answered at once, and its action number is not used up. */
export interface Fault {
  readonly kind: "fault";
  readonly code: string;
  readonly message: string;
  /** The action it refuses, or with `document-too-large` the edit; 0 when it is about something else. */
  readonly number: number;
}

export const writeFault = (fault: Omit<Fault, "kind">): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, fault.number);
    encoding.writeVarString(to, fault.code);
    encoding.writeVarString(to, fault.message);
  });

export const readFault = (from: Decoder): Fault => ({
  kind: "fault",
  number: decoding.readVarUint(from),
  code: decoding.readVarString(from),
  message: decoding.readVarString(from),
});
