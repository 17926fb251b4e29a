/** What is measured at one size of one thing. */
export interface Measured {
  /** How many there are of it: players, rooms, pieces, bytes. */
  readonly size: number;
  /** Until another sees a move or an edit, or until an action is answered, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** Of a core. */
  readonly cpu: number;
  /** That the server's process has grown by since it started, in bytes. */
  readonly memory: number;
  /** Share of a core that the generator took: near 1 the latency is its own. */
  readonly generator: number;
  /** To come in with all there is, in ms; undefined: not asked. */
  readonly join?: number | undefined;
}

export interface Point extends Measured {
  /** Share of the time in which the server was ready and other programs had its core. */
  readonly waited: number;
}
