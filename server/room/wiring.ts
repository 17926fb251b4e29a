/**
 * What a room is made of, wired together: each part is handed the others that its own interface names, and no more. How they
 * go through a turn is in room.ts.
 */
import type { CloseCode } from "../../shared/protocol/close-code.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";
import { Counters } from "../observe/counters.ts";
import type { Sections } from "../storage/pieces.ts";
import { Agenda } from "./agenda.ts";
import { Alarms } from "./alarms.ts";
import { Announcer } from "./announcer.ts";
import { App } from "./app.ts";
import { Attachments, type WakeCause } from "./attachments.ts";
import { Beat } from "./beat.ts";
import { Bell } from "./bell.ts";
import { Calls } from "./calls.ts";
import { Compacting } from "./compacting.ts";
import { Connections, type Connection } from "./connections.ts";
import { Content, type Loaded } from "./content.ts";
import { DocumentDesk } from "./document-desk.ts";
import { Door } from "./door.ts";
import { GameDesk } from "./game-desk.ts";
import type { Group } from "./group.ts";
import type { RoomHooks, RoomHost, RoomOptions } from "./host.ts";
import { LobbyDesk } from "./lobby-desk.ts";
import { OpenGroup } from "./open-group.ts";
import { Pace } from "./pace.ts";
import { Parts } from "./parts.ts";
import { People } from "./people.ts";
import { Receiver } from "./receive.ts";
import { Reception } from "./reception.ts";
import { Care } from "./repair.ts";
import { Rights } from "./rights.ts";
import { MOST_SOCKETS, Seats } from "./seats.ts";
import { Silence } from "./silence.ts";
import { Speech } from "./speech.ts";
import { StockClients } from "./stock-clients.ts";
import { Sweep } from "./sweep.ts";
import { Throttle } from "./throttle.ts";
import { Ticker } from "./ticker.ts";

/** What the parts tell the room of, so that it goes on with it. */
export interface RoomEvents {
  /** Runs this as a turn of its own. `cause`: what it may have woken the object for. */
  turn<T>(happen: () => T, cause?: WakeCause): T;
  /** What lasts was read from storage. */
  loaded(loaded: Loaded): void;
  /** The open group has closed, and its row, if it needed one, is written. */
  written(group: Group, sections: Sections): void;
  /** Its row could not be written. */
  undone(): void;
  /** Storage took a row and lost it. */
  lost(error: unknown): void;
  /** Somebody has changed what is stored. */
  mended(): void;
  /** It has been given the room. */
  opened(connection: Connection): void;
}

export interface Wired {
  readonly counters: Counters;
  readonly connections: Connections;
  // what is true, and for how long
  readonly content: Content;
  readonly parts: Parts;
  readonly group: OpenGroup;
  readonly agenda: Agenda;
  readonly attachments: Attachments;
  // who is here
  readonly door: Door;
  readonly people: People;
  readonly rights: Rights;
  readonly announcer: Announcer;
  // receive, beat, sleep
  readonly receiver: Receiver;
  readonly beat: Beat;
  readonly speech: Speech;
  readonly reception: Reception;
  readonly alarms: Alarms;
  readonly bell: Bell;
  readonly compacting: Compacting;
  readonly sweep: Sweep;
  readonly ticker: Ticker;
  // what servers ask
  readonly documentDesk: DocumentDesk;
  readonly gameDesk: GameDesk;
  readonly lobbyDesk: LobbyDesk;
  readonly care: Care;
}

export function wire(definition: AnyRoom, host: RoomHost, options: RoomOptions, hooks: RoomHooks, room: RoomEvents): Wired {
  const { capacity = MOST_SOCKETS, leaveGraceMs = 5000, sweepMs = 60_000, framesPerSecond = 30_000 } = options;
  const { snapshotRows = 1000, maxLiveDocumentBytes = 7_000_000, ended } = options;
  const counters = new Counters();
  const connections = new Connections(counters);
  const seats = new Seats(capacity, host.now);
  const pace = new Pace(framesPerSecond);
  const silence = new Silence(connections);
  const throttle = new Throttle(framesPerSecond);
  const app = new App({ ...host, hooks });
  const alarms = new Alarms(host);
  const agenda = new Agenda(host.store, (error) => host.log("error", "what is to be done later could not be stored", error));
  const beat = new Beat(
    {
      after: host.after,
      now: host.now,
      volatile: () => speech.volatile(),
      durable: () => group.close(),
      settled: () => host.store.settled(),
      lost: room.lost,
      late: (ms) => counters.late(ms),
      stored: (ms) => counters.stored(ms),
    },
    options,
  );
  const base = {
    ...host,
    definition,
    counters,
    connections,
    seats,
    pace,
    silence,
    throttle,
    app,
    agenda,
    alarms,
    beat,
    flush: () => beat.flush(),
    close: (connection: Connection, code: CloseCode, reason: string) => door.close(connection, code, reason),
  };

  const group = new OpenGroup({
    ...base,
    nextSeq: () => {
      content.load(); // which row is next is known when the room is
      return content.seq + 1;
    },
    write: ({ at }) => content.write(at),
    written: room.written,
    undone: room.undone,
    refuse: (connection, number, code, reason) => speech.refuse(connection, number, code, reason),
  });
  const content = new Content(definition, {
    ...base,
    snapshotRows,
    maxLiveDocumentBytes,
    group,
    loaded: room.loaded,
    event: (event) => app.event(event),
  });
  const parts = new Parts(definition, group, content, (connection, atOnce) => attachments.shows(connection, atOnce));
  const attachments = new Attachments({ ...base, parts });
  const calls = new Calls({ ...base, group, content, turn: (happen) => room.turn(happen, "call") });
  const held = { ...base, group, content, parts, attachments, calls };

  const bell = new Bell(held);
  const compacting = new Compacting(held);
  const rights = new Rights(held);
  const gameDesk = new GameDesk(held);
  const documentDesk = new DocumentDesk(held);
  const lobbyDesk = new LobbyDesk({ ...held, ended });
  const announcer = new Announcer({ ...held, summary: () => lobbyDesk.listing() });
  const people = new People({ ...held, leaveGraceMs });
  const door = new Door({ ...held, people, rights, lobbyDesk, documentDesk, changed: () => announcer.mark() });

  const sweep = new Sweep({ ...held, sweepMs });
  const stock = new StockClients({ ...held, door, credited: (connection) => reception.credited(connection) });
  const speech = new Speech({ ...held, stock, spoke: (now) => sweep.glance(now) });
  const reception = new Reception({ ...held, speech, opened: room.opened });
  const receiver = new Receiver({ ...held, stock, door, speech, reception });
  alarms.add(people.leaving, bell, compacting, announcer, stock, sweep, rights);

  const ticker = new Ticker({ ...held, tick: () => room.turn(() => content.load().game?.tick()) });
  const care = new Care({ ...held, mended: room.mended });
  return {
    ...held,
    door,
    people,
    rights,
    announcer,
    receiver,
    speech,
    reception,
    bell,
    compacting,
    sweep,
    ticker,
    documentDesk,
    gameDesk,
    lobbyDesk,
    care,
  };
}
