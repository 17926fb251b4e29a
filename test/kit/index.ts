/**
 * `coterie/testing`: rooms in unit tests, on a clock, a disk and a network of their own, and workers in a real workerd. It
 * knows no test runner. README.md beside this file is the guide; the rest of this folder is what our own tests share.
 */
export { play } from "./play.ts";
export { serve, type Served, type ServedClientOptions, type ServeOptions } from "./serve.ts";
export {
  simulate,
  type JoinOptions,
  type PageOptions,
  type SimulatedClient,
  type Simulation,
  type SimulationOptions,
  type Whole,
} from "./simulation.ts";
export type { Clock } from "./clock.ts";
export type { MachineOptions, Told } from "./machine.ts";
export type { Network, Weather } from "./network.ts";
export type { Draw } from "./random.ts";
export type { Divergence } from "../../server/parts/game/resimulate.ts";
