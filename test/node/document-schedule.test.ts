/**
 * Random lives of a room with a document: `SCHEDULES=100000 npm test -- node document-schedule` lives more, `SEED=…` begins
 * with that one.
 */
import { expect, test } from "vitest";
import { DocumentLife } from "../kit/document-life.ts";
import { play } from "../kit/play.ts";
import { Draw, SEED } from "../kit/random.ts";

const SCHEDULES = Number(process.env["SCHEDULES"] ?? 1000);

test(`[P1] [P4] ${SCHEDULES} random lives of a document, and then quiet: nothing saved is lost, everyone has the same bytes`, async () => {
  let operations = 0;
  await play(SCHEDULES, async (seed) => {
    const life = new DocumentLife(new Draw("document life", seed));
    await life.run();
    operations += life.operations;
  });
  console.log(`seeds ${SEED} to ${SEED + SCHEDULES - 1}: ${operations} changes`);
  expect(operations).toBeGreaterThan(SCHEDULES * 50);
}, 36_000_000);
