/** Random play, again and again, each time from a seed of its own: what fails says which. */
import { SEED } from "./random.ts";

/**
 * Runs `game` `times` times, one after the other, with the seeds that follow SEED in the environment (default 1): for
 * `simulate(room, { seed })`, whose `draw` then decides what is played. What is thrown is thrown again with its seed in front, so that
 * `SEED=…` begins with that one.
 */
export async function play(times: number, game: (seed: number) => Promise<void>): Promise<void> {
  for (let seed = SEED; seed < SEED + times; seed++)
    try {
      await game(seed);
    } catch (error) {
      throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
}
