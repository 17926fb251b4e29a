/** What the machine knows of a process: its time on a core, its memory; and on which core it is. Linux only. */
import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile } from "../statistics.ts";

/** Of /proc/<pid>/stat, a second. */
const TICKS_PER_SECOND = 100;
/** Where utime stands behind the name, which may hold anything. */
const UTIME = 11;

/** User and system time so far, in ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[UTIME]) + Number(fields[UTIME + 1])) * 1000) / TICKS_PER_SECOND;
}

/** How long its main thread had a core, and how long it was ready and had none, since others had them, in ms. */
export function readyMs(pid: number): { ran: number; waited: number } {
  const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
}

export const waitedMs = (pid: number): number => readyMs(pid).waited;

/** Resident memory, in bytes. */
export function memory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

/** Keeps a process and its threads on one core; false where there is nothing to do that with. */
export function pin(pid: number, core: number): boolean {
  try {
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What it takes to make one small write durable, in ms, in the middle of some: a row's share of every latency. */
export function fsyncMs(): number {
  const directory = mkdtempSync(join(tmpdir(), "coterie-fsync-"));
  const file = openSync(join(directory, "file"), "w");
  const took = Array.from({ length: 50 }, () => {
    const start = performance.now();
    writeSync(file, new Uint8Array(4096));
    fsyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(directory, { recursive: true });
  return percentile(took, 0.5);
}
