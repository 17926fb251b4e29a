/** The parts of a room: those that every room has, and those that its content has once it is read. And which a message is for. */
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { AwarenessPart } from "../parts/document/awareness-part.ts";
import { EventsPart } from "../parts/events.ts";
import type { PartHost, PartMessage, RoomPart } from "../parts/part.ts";
import { PresencePart } from "../parts/presence.ts";
import { Closing, type Connection } from "./connections.ts";
import type { Content } from "./content.ts";

export class Parts {
  readonly presence: PresencePart;
  readonly events: EventsPart;
  readonly awareness: AwarenessPart;
  readonly #hasDocument: boolean;
  readonly #content: Content;

  /** `shows`: where a connection points in the document is to be kept with its socket. */
  constructor(
    { presence, events, document }: AnyRoom,
    host: PartHost,
    content: Content,
    shows: (connection: Connection, atOnce: boolean) => void,
  ) {
    this.presence = new PresencePart(presence, host);
    this.events = new EventsPart(events, host);
    this.awareness = new AwarenessPart(host, () => content.load().document, shows);
    this.#hasDocument = document;
    this.#content = content;
  }

  /** Those that are in memory, in the order in which they speak. */
  all(): RoomPart[] {
    const { game, document } = this.#content;
    return [this.presence, this.events, this.awareness, game, document].filter((part) => part !== undefined);
  }

  /** Those that a message may be for. What lasts is read for it. */
  for({ kind: what }: PartMessage): RoomPart[] {
    if (what === "presence" || what === "event") return [this.presence, this.events];
    if (what === "awareness") return this.#hasDocument ? [this.awareness] : [];
    const { kind, game, document } = this.#content.load();
    if (kind === "broken") throw new Closing(4500, "the room cannot be read from storage");
    const part = what === "edit" ? document : game;
    return part ? [part] : [];
  }
}
