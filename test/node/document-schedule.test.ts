/**
 * Random lives of a room with a document: `SCHEDULES=100000 npm test -- node document-schedule` lives more, `SEED=…` begins
 * with that one.
 */
import { expect, test } from "vitest";
import { DocumentLife } from "../kit/document-life.ts";
import { Draw, SEED } from "../kit/random.ts";

const SCHEDULES = Number(process.env["SCHEDULES"] ?? 1000);

test(`[P1] [P4] ${SCHEDULES} random lives of a document, and then quiet: nothing saved is lost, everyone has the same bytes`, async () => {
  let operations = 0;
  for (let seed = SEED; seed < SEED + SCHEDULES; seed++)
    try {
      const life = new DocumentLife(new Draw("document life", seed));
      await life.run();
      operations += life.operations;
    } catch (error) {
      throw new Error(`SEED=${seed} SCHEDULES=1: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  console.log(`seeds ${SEED} to ${SEED + SCHEDULES - 1}: ${operations} changes`);
  expect(operations).toBeGreaterThan(SCHEDULES * 50);
}, 36_000_000);
