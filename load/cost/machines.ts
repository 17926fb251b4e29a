/** The bill of a month on rented machines that hold rooms in memory, as Colyseus or Hocuspocus run: paid for by the month, whoever comes. */
import { bill, charge, line, type Bill, type Line } from "./bill.ts";
import type { Measured } from "./measured.ts";
import { DIGITALOCEAN, MACHINE } from "./prices.ts";
import type { Scenario } from "./scenario.ts";
import type { Usage } from "./usage.ts";

/** How many more than on average are there when most are. */
export const PEAK = 3;
/** Machines are given this much of what they bear, so that latency stays low and one can fail. */
export const LOADED = 0.6;
/** Fewer, and a deploy or a crash stops everybody. */
export const FEWEST = 2;

/** The most people there at once. */
export const peakOf = ({ players, hours }: Scenario): number => Math.min(players, (players * hours * PEAK) / 24);

/** Machines for the peak, all of it busy. */
export function machinesFor(scenario: Scenario, { machines }: Measured): number {
  const msPerSaid = scenario.kind === "game" ? machines.colyseusCpuMsPerMove : machines.hocuspocusCpuMsPerEdit;
  const cores = (peakOf(scenario) * scenario.rate * msPerSaid) / 1000 / LOADED;
  return Math.max(FEWEST, Math.ceil(cores / MACHINE.cores));
}

export function machines(scenario: Scenario, usage: Usage, measured: Measured): Bill {
  const count = machinesFor(scenario, measured);
  const price = { ...DIGITALOCEAN.egressGB, included: count * MACHINE.transferGB };
  const traffic: Line = {
    name: "Traffic to players",
    amount: usage.egressGB,
    unit: "GB",
    price,
    dollars: charge(price, usage.egressGB),
  };
  return bill(
    "machines",
    "Rented machines",
    [
      line("Machines, 2 cores and 4 GiB each", count, "machines", DIGITALOCEAN.machine),
      line("Load balancer", 1, "node", DIGITALOCEAN.balancer),
      line("Database", 1, "node", DIGITALOCEAN.database),
      traffic,
    ],
    [
      `For the most people at once, ${PEAK} times the average, at ${LOADED * 100} % of what the machines bear, and never fewer than ${FEWEST}: the figures are those of Colyseus (games) and Hocuspocus (documents), measured beside ours.`,
      "Where many are there for hours it is the cheapest of the three. It does not buy: changes that outlive a crash, rooms near their people, growth without you; somebody has to look after it, and which machine has which room is yours to solve.",
    ],
  );
}
