/**
 * The run second by second, for its report: who was there, what went over the wire, what the server took, and where in each
 * trend the second began.
 */
import { existsSync } from "node:fs";
import { cpuMs, memory, readyMs } from "../servers/machine.ts";
import { interpolated, type Metric, type Trend } from "./metrics.ts";
import type { Run } from "./run.ts";

/** Of a server on this machine. */
export interface ServerUse {
  /** Share of a core. */
  readonly cpu: number;
  /** Resident, in bytes. */
  readonly memory: number;
}

export interface Second {
  /** s since the start, at its end. */
  readonly at: number;
  readonly users: number;
  readonly sockets: number;
  /** In this second: bytes, and messages. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sent: number;
  readonly received: number;
  readonly iterations: number;
  /** null where the server is not on this machine. */
  readonly server: ServerUse | null;
  /** Share of a core that this process took: a generator that is full measures itself. */
  readonly generator: number;
}

/** Share of the time in which a process had work that other programs had the cores; null where nobody knows. */
export interface Waited {
  readonly server: number | null;
  readonly generator: number | null;
}

/** The kernel counts time in ticks of 10 ms. */
const SHORTEST_MS = 250;
const COUNTED = ["data_sent", "data_received", "ws_msgs_sent", "ws_msgs_received", "iterations"] as const;

export class Timeline {
  readonly seconds: Second[] = [];
  readonly #run: Run;
  readonly #pid: number | undefined;
  #before: number[] = COUNTED.map(() => 0);
  #at = 0;
  #serverMs = 0;
  #ownMs = 0;
  #readyBefore: readonly Ready[] = [];
  /** Trend → how many values it had at the end of each second. */
  readonly #ends = new Map<string, number[]>();

  /** `pid`: of the server, where it is on this machine. */
  constructor(run: Run, pid: number | undefined) {
    this.#run = run;
    this.#pid = pid;
  }

  /** What happens from now on counts. */
  begin(): void {
    this.#serverMs = this.#pid === undefined ? 0 : cpuMs(this.#pid);
    this.#ownMs = ownCpuMs();
    this.#readyBefore = [this.#pid, process.pid].map(readyOf);
  }

  /** Of the whole run, so far. */
  get waited(): Waited {
    const [server = null, generator = null] = [this.#pid, process.pid].map((pid, index) => {
      const [before, after] = [this.#readyBefore[index], readyOf(pid)];
      if (!before || !after) return null;
      const [ran, waited] = [after.ran - before.ran, after.waited - before.waited];
      return waited / Math.max(1, ran + waited);
    });
    return { server, generator };
  }

  /** Once a second, and at the end: what is left then is only told where it is long enough to be divided by. */
  mark(): void {
    const { metrics, ms, activeUsers, openSockets } = this.#run;
    const lasted = Math.max(1, ms - this.#at);
    if (this.seconds.length > 0 && lasted < SHORTEST_MS) return;
    const counts = COUNTED.map((name) => {
      const sink = metrics.get(name)!.sink;
      return sink.kind === "counter" ? sink.count : 0;
    });
    const [sentBytes, receivedBytes, sent, received, iterations] = counts.map((count, index) => count - this.#before[index]!) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const own = ownCpuMs();
    this.seconds.push({
      at: ms / 1000,
      users: activeUsers,
      sockets: openSockets,
      sentBytes,
      receivedBytes,
      sent,
      received,
      iterations,
      server: this.#server(lasted),
      generator: (own - this.#ownMs) / lasted,
    });
    this.#before = counts;
    this.#at = ms;
    this.#ownMs = own;
    for (const metric of metrics)
      if (metric.sink.kind === "trend") {
        const ends = this.#ends.get(metric.name) ?? Array.from({ length: this.seconds.length - 1 }, () => 0);
        ends.push(metric.sink.count);
        this.#ends.set(metric.name, ends);
      }
  }

  /** Percentiles of a trend in each second; null where it has no value. */
  percentiles(metric: Metric & { readonly sink: Trend }, shares: readonly number[]): (readonly number[] | null)[] {
    const ends = this.#ends.get(metric.name) ?? [];
    return ends.map((end, second) => {
      const values = metric.sink
        .values(ends[second - 1] ?? 0, end)
        .slice()
        .sort();
      return values.length === 0 ? null : shares.map((share) => interpolated(values, share));
    });
  }

  #server(lasted: number): ServerUse | null {
    if (this.#pid === undefined || !isThere(this.#pid)) return null;
    const now = cpuMs(this.#pid);
    const cpu = (now - this.#serverMs) / lasted;
    this.#serverMs = now;
    return { cpu, memory: memory(this.#pid) };
  }
}

/** Linux alone says it, and not of a process that has gone. */
function readyOf(pid: number | undefined): Ready {
  return pid === undefined || !isThere(pid) ? null : readyMs(pid);
}
type Ready = ReturnType<typeof readyMs> | null;

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}/stat`);

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
