/** What a page downloads of the SDK: a change that makes it longer has to say so here. */
import { expect, test } from "vitest";
import { bundleSize } from "../../load/size.ts";

/** Bytes, minified and gzipped, without the peers; the budgets of the first two are 12 and 16 kB, and are missed. */
const MOST = {
  "client/game.ts": 19_300,
  "client/index.ts": 22_300,
  "client/react/index.ts": 1_500,
  "client/offline/index.ts": 5_000,
  "client/devtools/index.ts": 5_000,
};

test.each(Object.entries(MOST))("%s is at most %i bytes", async (entry, most) => {
  expect(await bundleSize(entry)).toBeLessThanOrEqual(most);
});
