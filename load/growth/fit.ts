/** How one thing grows with another: y ≈ a · x^k, by least squares of the logarithms. */

export interface Fit {
  /** k: 0 does not grow, 1 grows in proportion, 2 with the square. */
  readonly exponent: number;
  /** a: y where x is 1. */
  readonly factor: number;
  /** How much of the differences in log y this explains, 0 to 1; 1 where there are none. */
  readonly r2: number;
}

/** Undefined with fewer than two sizes. Points with an x or y that is not above 0 have no logarithm, and are left out. */
export function fit(points: readonly (readonly [x: number, y: number])[]): Fit | undefined {
  const logs = points
    .filter(([x, y]) => x > 0 && y > 0 && Number.isFinite(y))
    .map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: 0 | 1): number => logs.reduce((sum, log) => sum + log[of], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of logs) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (logs.length < 2 || xx === 0) return undefined;
  const exponent = xy / xx;
  return { exponent, factor: Math.exp(meanY - exponent * meanX), r2: yy === 0 ? 1 : xy ** 2 / (xx * yy) };
}
