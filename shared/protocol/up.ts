/** Everything a client may say. Types are in bands, one a part: 1… the room, 16… the game, 32… the people, 48… the document. */
import { readAct, type Act } from "./action.ts";
import { readAwareness, readEdit, type AwarenessMessage, type Edit } from "./document.ts";
import { readAck, readPace, type Ack, type Pace } from "./flow.ts";
import type { Message } from "./frame.ts";
import { readDrifted, readMove, type Drifted, type Move } from "./game.ts";
import { readHello, type Hello } from "./hello.ts";
import { readEventUp, readPresenceUp, type EventMessage, type PresenceChange } from "./people.ts";

export const UP = {
  hello: 1,
  ack: 2,
  pace: 3,
  act: 16,
  move: 17,
  drifted: 18,
  presence: 32,
  event: 33,
  edit: 48,
  awareness: 49,
} as const;

export type Up = Hello | Ack | Pace | Act | Move | Drifted | PresenceChange | EventMessage | Edit | AwarenessMessage;

/** Throws on a type it does not know: a room never guesses what a client meant. */
export function readUp({ type, body }: Message): Up {
  switch (type) {
    case UP.hello:
      return readHello(body);
    case UP.ack:
      return readAck(body);
    case UP.pace:
      return readPace(body);
    case UP.act:
      return readAct(body);
    case UP.move:
      return readMove(body);
    case UP.drifted:
      return readDrifted(body);
    case UP.presence:
      return readPresenceUp(body);
    case UP.event:
      return readEventUp(body);
    case UP.edit:
      return readEdit(body);
    case UP.awareness:
      return readAwareness(body);
    default:
      throw new RangeError(`message of type ${type}, expected one of ${Object.values(UP).join(", ")}`);
  }
}
