/**
 * The rules of the puzzle: all of them. The room runs these functions with authority, the page runs the same ones at
 * once, so that a move is seen before the room has answered.
 */
import { defineGame, t } from "coterie";
import { gridOf, MAX_PIECES, onTable } from "./grid.ts";
import { gather, scatter } from "./scatter.ts";
import { settle } from "./snap.ts";
import { state } from "./state.ts";

const rules = defineGame({
  name: "puzzle",
  version: 1,
  params: t.struct({ cols: t.u8(), rows: t.u8(), picture: t.u8(), seed: t.u32() }),
  state,
  events: {
    /** `by` joined `joins` times with one drop; the cluster now has `size` pieces. */
    joined: t.struct({ by: t.u16(), joins: t.u16(), size: t.u16() }),
    /** The last piece is in, after `ms`. */
    solved: t.struct({ by: t.u16(), ms: t.u32() }),
  },
  codes: ["held", "gone", "not-yours", "outside", "finished", "too-large"],

  setup(c) {
    const grid = gridOf(c.params);
    if (grid.count < 2 || grid.count > MAX_PIECES) c.reject("too-large");
    scatter(grid, c.random).forEach(({ x, y }, piece) => {
      c.state.groups.add(piece, { x, y, z: piece, heldBy: 0, size: 1 });
      c.state.pieces.add(piece, { group: piece });
    });
    c.state.meta.topZ = grid.count;
  },

  join(c) {
    if (c.me !== 0 && !c.state.players.get(c.me)) c.state.players.add(c.me, { name: "", colour: c.me % 256, joined: 0 });
  },

  /** Whoever leaves lets go: the cluster lies where it was last put down, since a drag never moved it for good. */
  leave(c) {
    for (const group of [...c.state.groups.where("heldBy", c.me)]) group.heldBy = 0;
  },
});

export const puzzle = rules.actions((a) => ({
  /** Says who one is; the page sends it after joining and when the name or colour is changed. */
  introduce: a(
    t.struct({ name: t.str(24), colour: t.u8() }),
    (c, { name, colour }) => {
      const player = c.state.players.get(c.me) ?? c.state.players.add(c.me, { name, colour, joined: 0 });
      player.name = name;
      player.colour = colour;
    },
    { rate: 2 },
  ),

  /** Takes a cluster in hand: from now on it is nobody else's. Grabbing again what is one's own is fine (a reload). */
  grab: a(t.struct({ g: t.u16() }), (c, { g }) => {
    const group = c.state.groups.get(g) ?? c.reject("gone");
    if (c.state.meta.finishedAt !== 0) c.reject("finished");
    if (group.heldBy !== 0 && group.heldBy !== c.me) c.reject("held");
    if (group.heldBy === 0) group.heldBy = c.me;
    if (c.state.meta.startedAt === 0) c.state.meta.startedAt = c.now;
  }),

  /** Where the hand is; seen by all, remembered by nobody. A drag that never ends in a drop never happened. */
  drag: a.stream("groups", ["x", "y"], (c, group) => group.heldBy === c.me, { hz: 30 }),

  /** Puts a cluster down on the table. Joins what fits, and returns the number of joins. */
  drop: a(t.struct({ g: t.u16(), x: t.i16(), y: t.i16() }), (c, { g, x, y }) => {
    const { groups, meta, players } = c.state;
    const group = groups.get(g) ?? c.reject("gone");
    if (group.heldBy !== c.me) c.reject("not-yours");
    const grid = gridOf(c.params);
    const rim = onTable(grid, g, { x, y });
    if (rim.x !== x || rim.y !== y) c.reject("outside");
    group.x = x;
    group.y = y;
    group.heldBy = 0;
    group.z = ++meta.topZ;
    const { joins, group: into } = settle(c.state, grid, g);
    if (joins === 0) return joins;
    const player = players.get(c.me);
    if (player) player.joined += joins;
    const whole = groups.get(into);
    c.emit("joined", { by: c.me, joins, size: whole?.size ?? 0 });
    if (whole && whole.size === grid.count) {
      whole.x = 0;
      whole.y = 0;
      meta.finishedAt = c.now;
      c.emit("solved", { by: c.me, ms: Math.max(0, Math.round(c.now - meta.startedAt)) });
    }
    return joins;
  }),

  /** Brings loose pieces out of the frame. Returns how many. */
  gather: a((c) => gather(c.state, gridOf(c.params)), { rate: 1 }),
}));
