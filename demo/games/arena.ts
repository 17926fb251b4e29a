/**
 * An arena: ships that move by themselves twenty times a second, and a coin to be first at. Where a ship is lasts no longer
 * than somebody looks, so it is a live value that `tick` says anew; a point lasts, so an action counts it.
 */
import { defineGame, defineRoom, t } from "coterie";

export const SIZE = 1000;
/** The fastest a ship may be, in units a second. */
export const SPEED = 200;
/** A ship this near has the coin. */
export const REACH = 20;
const HZ = 20;

const place = t.fixed(0, SIZE, 16);
const speed = t.fixed(-SPEED, SPEED, 8);

const rules = defineGame({
  name: "arena",
  version: 1,
  codes: ["room-only"],
  events: { scored: t.struct({ by: t.u16() }) },
  state: {
    ships: t.table({ x: place, y: place, vx: speed, vy: speed }),
    points: t.table({ points: t.u16() }),
    coin: t.value({ number: t.u32(), x: place, y: place }),
  },
  setup(c) {
    c.state.coin.x = SIZE / 2;
    c.state.coin.y = SIZE / 2;
  },
  join(c) {
    c.state.ships.add(c.me, { x: c.random() * SIZE, y: c.random() * SIZE, vx: 0, vy: 0 });
    c.state.points.add(c.me, { points: 0 });
  },
  leave(c) {
    c.state.ships.delete(c.me);
    c.state.points.delete(c.me);
  },
  tickHz: HZ,
  tick(c) {
    const { ships, coin } = c.state;
    for (const ship of ships) {
      ship.x = Math.min(SIZE, Math.max(0, ship.x + ship.vx / HZ));
      ship.y = Math.min(SIZE, Math.max(0, ship.y + ship.vy / HZ));
      if (Math.hypot(ship.x - coin.x, ship.y - coin.y) < REACH) c.after(0, "score", { by: ship.id, coin: coin.number });
    }
  },
});

export const arena = rules.actions((a) => ({
  /** A pilot says it again while it steers: what is not said for two seconds is over. */
  steer: a.stream("ships", ["vx", "vy"], (c, ship) => ship.id === c.me, { hz: HZ }),
  /** Set by `tick` alone. */
  move: a.stream("ships", ["x", "y"], () => false),
  score: a(
    t.struct({ by: t.u16(), coin: t.u32() }),
    (c, { by, coin: number }) => {
      if (c.me !== 0) c.reject("room-only");
      const { coin, points } = c.state;
      const mine = points.get(by);
      if (coin.number !== number || !mine) return; // another was first
      mine.points++;
      coin.number++;
      coin.x = c.random() * SIZE;
      coin.y = c.random() * SIZE;
      c.emit("scored", { by });
    },
    { predict: false },
  ),
}));

export const arenaRoom = defineRoom({ name: "arena", game: arena });
