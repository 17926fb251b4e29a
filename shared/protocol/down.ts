/** Everything a room may say. Types are in bands, one a part: 1… the room, 16… the game, 32… the people, 48… the document. */
import { readAnswers, readFault, type Answers, type Fault } from "./action.ts";
import {
  readAwareness,
  readDocumentState,
  readEdited,
  readEdits,
  type AwarenessMessage,
  type DocumentState,
  type Edited,
  type Edits,
} from "./document.ts";
import { readPace, readPart, type Pace, type Part } from "./flow.ts";
import type { Message } from "./frame.ts";
import {
  readDeltaMessage,
  readHash,
  readSecrets,
  readState,
  readStreams,
  type Delta,
  type Hash,
  type Secrets,
  type State,
  type Streams,
} from "./game.ts";
import { readLife, readWelcome, type Life, type Welcome } from "./hello.ts";
import {
  readEventDown,
  readLeft,
  readPeer,
  readPresenceDown,
  type EventMessage,
  type Left,
  type PeerMessage,
  type PresenceChange,
} from "./people.ts";

export const DOWN = {
  welcome: 1,
  life: 2,
  fault: 3,
  part: 4,
  pace: 5,
  answers: 16,
  state: 17,
  delta: 18,
  streams: 19,
  secrets: 20,
  hash: 21,
  peer: 32,
  left: 33,
  presence: 34,
  event: 35,
  edits: 48,
  awareness: 49,
  edited: 50,
  document: 51,
} as const;

export type Down =
  | Welcome
  | Life
  | Fault
  | Part
  | Pace
  | Answers
  | State
  | Delta
  | Streams
  | Secrets
  | Hash
  | PeerMessage
  | Left
  | PresenceChange
  | EventMessage
  | Edits
  | AwarenessMessage
  | Edited
  | DocumentState;

/** Undefined for a type it does not know: a newer room may say more than this client understands. */
export function readDown({ type, body }: Message): Down | undefined {
  switch (type) {
    case DOWN.welcome:
      return readWelcome(body);
    case DOWN.life:
      return readLife(body);
    case DOWN.fault:
      return readFault(body);
    case DOWN.part:
      return readPart(body);
    case DOWN.pace:
      return readPace(body);
    case DOWN.answers:
      return readAnswers(body);
    case DOWN.state:
      return readState(body);
    case DOWN.delta:
      return readDeltaMessage(body);
    case DOWN.streams:
      return readStreams(body);
    case DOWN.secrets:
      return readSecrets(body);
    case DOWN.hash:
      return readHash(body);
    case DOWN.peer:
      return readPeer(body);
    case DOWN.left:
      return readLeft(body);
    case DOWN.presence:
      return readPresenceDown(body);
    case DOWN.event:
      return readEventDown(body);
    case DOWN.edits:
      return readEdits(body);
    case DOWN.awareness:
      return readAwareness(body);
    case DOWN.edited:
      return readEdited(body);
    case DOWN.document:
      return readDocumentState(body);
    default:
      return undefined;
  }
}
