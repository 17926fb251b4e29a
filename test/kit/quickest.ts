/** How long something takes, to be held against something else in the same run: never against a number of ms. */

/** In ms: the quickest of so many times, since others are at work on the machine too. */
export function quickest(times: number, run: () => void): number {
  let least = Infinity;
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
