/** The bill of a month with Coterie, on Durable Objects. */
import { bill, line, type Bill } from "./bill.ts";
import type { Measured } from "./measured.ts";
import { CLOUDFLARE } from "./prices.ts";
import type { Scenario } from "./scenario.ts";
import type { Usage } from "./usage.ts";

/** This many incoming WebSocket messages are billed as one request; outgoing ones, and heartbeats that the platform answers, as none. */
export const MESSAGES_PER_REQUEST = 20;
/** What an object is billed for while it cannot sleep, in GB, whatever it uses. */
export const OBJECT_GB = 0.128;
/** A join asks the worker for a token, for the lobby's list, and for the socket; each takes about this long, in ms of CPU. */
const REQUESTS_PER_JOIN = 3;
const REQUEST_CPU_MS = 2;
/** Of these the socket reaches the room, and who comes and who goes is told to the lobby. */
const OBJECT_REQUESTS_PER_JOIN = 3;

/** Requests that objects are billed for: `whole` ones, and WebSocket messages. */
export const objectRequests = (whole: number, messages: number): number => whole + messages / MESSAGES_PER_REQUEST;

/** GB-s of this many seconds in which objects could not sleep. */
export const gbSeconds = (awakeSeconds: number): number => awakeSeconds * OBJECT_GB;

export function durableObjects({ kind, client }: Scenario, usage: Usage, measured: Measured): Bill {
  const { reference } = measured[kind];
  const requests = usage.joins * REQUESTS_PER_JOIN;
  return bill(
    "durable-objects",
    "Coterie on Durable Objects",
    [
      line("Workers paid plan", 1, "month", CLOUDFLARE.plan),
      line("Worker requests", requests, "requests", CLOUDFLARE.requests),
      line("Worker CPU", requests * REQUEST_CPU_MS, "ms", CLOUDFLARE.cpuMs),
      line(
        `Room requests (messages ÷ ${MESSAGES_PER_REQUEST}, joins, alarms)`,
        objectRequests(usage.joins * OBJECT_REQUESTS_PER_JOIN + usage.alarms, usage.messages),
        "requests",
        CLOUDFLARE.objectRequests,
      ),
      line("Rooms awake, at 128 MB each", gbSeconds(usage.awakeSeconds), "GB-s", CLOUDFLARE.gbSeconds),
      line("Rows written", usage.rowsWritten, "rows", CLOUDFLARE.rowsWritten),
      line("Rows read", usage.rowsRead, "rows", CLOUDFLARE.rowsRead),
      line("Rooms stored", usage.storedGB, "GB-months", CLOUDFLARE.storedGB),
      line("Traffic to players", usage.egressGB, "GB", CLOUDFLARE.egressGB),
    ],
    [
      `Where it costs more: a busy room is billed for all of its time, 128 MB of it, though one of ${reference.players} uses ${Math.round(reference.cpu * 100)} % of a core; and every row is paid twice, when it is written and when a snapshot takes its place.`,
      ...(client === "y-websocket"
        ? [
            "y-websocket says its awareness every 15 s, also when nobody does anything: each time it wakes its room, and is a message. Clients of the SDK are silent.",
          ]
        : []),
      "A quiet room sleeps, and costs nothing. It buys: every change durable before anyone sees it, rooms near their people, and no machine to look after.",
    ],
  );
}
