/**
 * A worse network than there is, for development: what is said and heard comes later, unevenly, and now and then much later,
 * as on a train. In order, as over every socket.
 */
import type { Environment } from "./environment.ts";

export interface DebugOptions {
  /** How much later each frame comes, each way, in ms. Default 0. */
  latencyMs?: number;
  /** Up to how much later still, at random, in ms. Default 0. */
  jitterMs?: number;
  /** The share of frames that are lost and sent once more, which takes a while and holds up those behind: 0 to 1. Default 0. */
  loss?: number;
  /** No socket opens, and those that are open close. Default false; may be changed at any time. */
  offline?: boolean;
}

/** How long a lost packet takes to be sent again (RFC 6298 §2: TCP waits at least this, in ms, on most systems). */
const SENT_AGAIN_MS = 200;
/** How often it is looked whether there is a network, in ms. */
const LOOK_MS = 100;

/** `options` may be changed while it is used: what is said next goes by what they say then. */
export function worse(environment: Environment, options: DebugOptions): Environment {
  const { latencyMs = 0, jitterMs = 0, loss = 0 } = options;
  for (const [name, value, most] of [
    ["latencyMs", latencyMs, 60_000],
    ["jitterMs", jitterMs, 60_000],
    ["loss", loss, 1],
  ] as const)
    if (!(value >= 0 && value <= most)) throw new RangeError(`debug.${name}: ${value}, expected 0 to ${most}`);

  return {
    ...environment,
    transport(events) {
      const [up, down] = [delayed(environment, options), delayed(environment, options)];
      /** Counts the sockets: what was under way to one is nothing to the next. */
      let socket = 0;
      let open = false;
      const later = (run: () => void): void => {
        const which = socket;
        down(() => which === socket && run());
      };
      const transport = environment.transport({
        opened: () => later(() => ((open = true), events.opened())),
        received: (data) => later(() => events.received(data)),
        closed: (code, reason) => later(() => ((open = false), events.closed(code, reason))),
      });
      function fails(): void {
        socket++;
        open = false;
        transport.close(1000, "");
        events.closed(1006, "debug.offline");
      }
      const look = (which: number): void => {
        environment.after(LOOK_MS, () => {
          if (which !== socket) return;
          if (options.offline) fails();
          else look(which);
        });
      };
      return {
        open(url, protocols) {
          const which = ++socket;
          open = false;
          if (options.offline) return void environment.after(0, () => which === socket && fails());
          transport.open(url, protocols);
          look(which);
        },
        send(data) {
          const which = socket;
          up(() => which === socket && open && transport.send(data));
        },
        close(code, reason) {
          socket++;
          open = false;
          transport.close(code, reason);
        },
      };
    },
  };
}

/** Runs each as late as `options` say then, and none before the one that came before it. */
export function delayed(
  { now, after, random }: Pick<Environment, "now" | "after" | "random">,
  options: DebugOptions,
): (run: () => void) => void {
  let last = 0;
  return (run) => {
    const at = now();
    const lost = random() < (options.loss ?? 0) ? SENT_AGAIN_MS : 0;
    last = Math.max(last, at + (options.latencyMs ?? 0) + random() * (options.jitterMs ?? 0) + lost);
    after(last - at, run);
  };
}
