/** What a stateless function does with a state before it can do anything to it: reads all of it from JSON, and writes all of it again. */
/** The least of them counts: other work on the machine only adds. */
const ROUNDS = 15;
const BYTES = 4_000_000;

/** ms of a core for each MB. */
export function rewriteMs(): number {
  const row = (id: number): object => ({ id, x: (id * 7919) % 5000, y: (id * 104_729) % 4000, z: id, heldBy: 0, size: 1 });
  let rows: object[] = [];
  let text = "";
  while (text.length < BYTES)
    text = JSON.stringify((rows = rows.concat(Array.from({ length: 5000 }, (_, n) => row(rows.length + n)))));
  const took = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const state = JSON.parse(text) as { x: number }[];
    state[state.length >> 1]!.x++;
    JSON.stringify(state);
    return performance.now() - start;
  });
  return Math.min(...took) / (text.length / 1e6);
}
