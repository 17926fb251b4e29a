/** A cluster on the move: in somebody's hand, or on its way to where the room says it lies. */
import type { Point } from "../../puzzle/grid.ts";

export type Motion =
  | { readonly kind: "mine" }
  | { readonly kind: "theirs" }
  /** Let go by somebody else, but not all of the way has been shown. */
  | { readonly kind: "ending" }
  | { readonly kind: "settling"; readonly from: Point; readonly start: number };

export interface Mover {
  /** The cluster it was when it was lifted. */
  readonly group: number;
  pieces: number[];
  /** Where it is shown: how far from home. */
  x: number;
  y: number;
  /** 0 lies, 1 is in the hand. */
  lift: number;
  /** 0: nobody */
  holder: number;
  motion: Motion;
  /** Refused: it trembles from this time on, for a moment; how far it is off by that now, in units. */
  shakenAt: number;
  shake: number;
}

/** How long (ms) a cluster takes to lie down once the hand has let go. */
const SETTLE = 95;
/** How long (ms) lifting takes. */
const LIFT = 90;
/** How long (ms) a refused cluster trembles, how far (units), and how often to and fro. */
const SHAKE = 150;
const SHAKE_BY = 8;
const SHAKES = 2.5;

export const moverAt = (group: number, { x, y }: Point, holder: number, motion: Motion, lift = 0): Mover => ({
  group,
  pieces: [],
  x,
  y,
  lift,
  holder,
  motion,
  shakenAt: -Infinity,
  shake: 0,
});

/** Lets go: from here on it makes for where it belongs. */
export function release(mover: Mover, now: number): void {
  mover.motion = { kind: "settling", from: { x: mover.x, y: mover.y }, start: now };
}

/**
 * Moves on by one frame; `to` is where the room has it, and `way` where it is on the way there in somebody else's hand. True
 * when it has arrived. `calm`: without going there visibly.
 */
export function advance(mover: Mover, way: Point | undefined, to: Point, now: number, passed: number, calm: boolean): boolean {
  const { motion } = mover;
  const s = (now - mover.shakenAt) / SHAKE;
  mover.shake = s < 1 && !calm ? Math.sin(s * Math.PI * 2 * SHAKES) * SHAKE_BY * (1 - s) : 0;
  const goal = motion.kind === "settling" ? 0 : 1;
  if (calm) mover.lift = goal;
  else if (mover.lift < goal) mover.lift = Math.min(goal, mover.lift + passed / LIFT);
  else mover.lift = Math.max(goal, mover.lift - passed / SETTLE);

  switch (motion.kind) {
    case "mine":
      return false;
    case "theirs":
    case "ending": {
      const at = way ?? (motion.kind === "theirs" ? to : mover);
      mover.x = at.x;
      mover.y = at.y;
      if (motion.kind === "ending" && !way) release(mover, now);
      return false;
    }
    case "settling": {
      const part = calm ? 1 : Math.max(0, Math.min(1, (now - motion.start) / SETTLE));
      const eased = 1 - (1 - part) ** 3;
      mover.x = motion.from.x + (to.x - motion.from.x) * eased;
      mover.y = motion.from.y + (to.y - motion.from.y) * eased;
      return part === 1 && s >= 1;
    }
    default:
      return motion satisfies never;
  }
}
