/**
 * What lies where, as it is shown: clusters at rest, and movers. The room's state jumps from value to value; here it
 * becomes movement. A mover keeps the pieces it was lifted with until it has arrived, even when in the room they have
 * long been joined to others.
 */
import type { Room } from "coterie/client";
import { neighboursOf, type Grid, type Point } from "../../puzzle/grid.ts";
import type { puzzleRoom } from "../../puzzle/room.ts";
import { advance, moverAt, release, type Mover } from "./mover.ts";

export type PuzzleView = Room<typeof puzzleRoom>["state"];
type GroupRow = NonNullable<ReturnType<PuzzleView["groups"]["get"]>>;

type Mine = ReadonlyMap<number, unknown>;

export interface Watcher {
  /** The still layer has changed where these pieces lie, or lay. */
  dirty(pieces: readonly number[], at: Point): void;
  /** Pieces came to lie, and hold on to others of their cluster. */
  joined(pieces: readonly number[]): void;
}

export class Pieces {
  readonly grid: Grid;
  readonly movers = new Set<Mover>();
  /** Clusters at rest, from bottom to top; what moves is above them all. */
  order: readonly number[] = [];
  readonly #members = new Map<number, number[]>();
  readonly #rows = new Map<number, GroupRow>();
  readonly #groupOf: Int32Array;
  readonly #x: Int16Array;
  readonly #y: Int16Array;
  readonly #moverOf: (Mover | undefined)[] = [];
  /** The table of pieces as it was last looked at. */
  #looked: PuzzleView["pieces"] | undefined;
  /** Where a cluster is in somebody else's hand; undefined: in nobody's. */
  readonly #way: (group: number) => Point | undefined;
  readonly #watcher: Watcher;
  readonly #calm: () => boolean;

  constructor(grid: Grid, way: (group: number) => Point | undefined, watcher: Watcher, calm: () => boolean) {
    this.grid = grid;
    this.#way = way;
    this.#watcher = watcher;
    this.#calm = calm;
    this.#groupOf = new Int32Array(grid.count).fill(-1);
    this.#x = new Int16Array(grid.count);
    this.#y = new Int16Array(grid.count);
  }

  row(group: number): GroupRow | undefined {
    return this.#rows.get(group);
  }
  members(group: number): readonly number[] {
    return this.#members.get(group) ?? [];
  }
  groupOf(piece: number): number {
    return this.#groupOf[piece]!;
  }
  moverOf(piece: number): Mover | undefined {
    return this.#moverOf[piece];
  }
  /** From bottom to top. */
  get moving(): Mover[] {
    return [...this.movers].sort((a, b) => a.lift - b.lift);
  }
  together = (a: number, b: number): boolean => this.#groupOf[a] === this.#groupOf[b];
  /** Where a piece of the still layer lies. */
  restOf(piece: number): Point {
    return { x: this.#x[piece]!, y: this.#y[piece]! };
  }
  /** Where a cluster is shown now. */
  shown(group: number): Point | undefined {
    const piece = this.members(group)[0];
    if (piece === undefined) return undefined;
    return this.#moverOf[piece] ?? this.restOf(piece);
  }

  /** Takes over what the room's state says. `mine` are the clusters that this page's own hand moves. */
  sync(state: PuzzleView, mine: Mine, now: number): void {
    const first = this.#rows.size === 0;
    this.#regroup(state);
    let gone = false;
    for (const id of this.#rows.keys()) if (!state.groups.get(id)) gone = this.#rows.delete(id);
    const touched: GroupRow[] = [];
    for (const row of state.groups) {
      if (this.#rows.get(row.id) === row) continue;
      touched.push(row);
      this.#rows.set(row.id, row);
    }
    if (touched.length === 0 && !gone) return;

    if (first) for (const row of touched) for (const piece of this.members(row.id)) this.#rest(piece, row);
    for (const row of touched) if (row.heldBy !== 0) this.#held(row, mine);
    for (const mover of this.movers) this.#releaseFreed(mover, mine, now);
    for (const row of touched) if (row.heldBy === 0) this.#glide(this.members(row.id), row, now);
    if (gone || touched.some((row) => row.heldBy === 0)) this.#sort();
  }

  /** Puts a cluster in this page's own hand, at once. */
  take(group: number, me: number): Mover {
    const before = this.#moverOf[group];
    if (before?.group === group && before.motion.kind === "mine") return before;
    return this.#fill(moverAt(group, this.shown(group) ?? { x: 0, y: 0 }, me, { kind: "mine" }, before?.lift));
  }

  /** Says no: wherever the cluster is, it trembles; out of this page's own hand it goes back. */
  shake(group: number, now: number): void {
    if (this.members(group).length === 0) return;
    const from = this.restOf(group);
    const mover = this.#moverOf[group] ?? this.#fill(moverAt(group, from, 0, { kind: "settling", from, start: now }));
    if (mover.motion.kind === "mine") release(mover, now);
    mover.shakenAt = now;
  }

  /** Moves everything on by one frame. */
  step(now: number, passed: number): void {
    const calm = this.#calm();
    for (const mover of this.movers) {
      const to = this.#target(mover);
      if (advance(mover, this.#way(mover.group), to, now, passed, calm)) this.#land(mover, to);
    }
  }

  #land(mover: Mover, to: Point): void {
    this.movers.delete(mover);
    for (const piece of mover.pieces) {
      this.#moverOf[piece] = undefined;
      this.#rest(piece, to);
    }
    this.#watcher.dirty(mover.pieces, to);
    const inside = new Set(mover.pieces);
    const seam = (piece: number): boolean =>
      neighboursOf(this.grid, piece).some((other) => !inside.has(other) && this.together(piece, other));
    if (mover.pieces.some(seam)) this.#watcher.joined(mover.pieces);
  }

  /** Where the room has it. */
  #target(mover: Mover): Point {
    const row = this.#rows.get(this.groupOf(mover.pieces[0]!));
    return row ? { x: row.x, y: row.y } : { x: mover.x, y: mover.y };
  }

  /** The room says that somebody holds this cluster, there. */
  #held(row: GroupRow, mine: Mine): void {
    const mover = this.#moverOf[row.id];
    if (mine.has(row.id)) this.take(row.id, row.heldBy);
    else if (mover?.motion.kind === "theirs") mover.holder = row.heldBy;
    else this.#fill(moverAt(row.id, this.shown(row.id) ?? row, row.heldBy, { kind: "theirs" }, mover?.lift));
  }

  /** A mover whose cluster nobody holds any more comes to rest. */
  #releaseFreed(mover: Mover, mine: Mine, now: number): void {
    const heldBy = this.#rows.get(mover.group)?.heldBy ?? 0;
    if (heldBy !== 0 && (heldBy === mover.holder || mine.has(mover.group))) return;
    if (mover.motion.kind === "theirs") mover.motion = { kind: "ending" };
    else if (mover.motion.kind === "mine" && !mine.has(mover.group)) release(mover, now);
  }

  /** Makes the mover own all pieces of its cluster, whatever they were in before. */
  #fill(mover: Mover): Mover {
    mover.pieces = [...this.members(mover.group)];
    const taken = new Set(mover.pieces);
    for (const before of new Set(mover.pieces.map((piece) => this.#moverOf[piece]))) {
      if (!before) continue;
      before.pieces = before.pieces.filter((piece) => !taken.has(piece));
      if (before.pieces.length === 0) this.movers.delete(before);
    }
    const lying = mover.pieces.filter((piece) => !this.#moverOf[piece]);
    for (const lot of this.#bySpot(lying)) this.#watcher.dirty(lot, this.restOf(lot[0]!));
    for (const piece of mover.pieces) this.#moverOf[piece] = mover;
    this.movers.add(mover);
    return mover;
  }

  /** Pieces at rest whose cluster now lies elsewhere slide there. */
  #glide(pieces: readonly number[], to: Point, now: number): void {
    const off = pieces.filter((piece) => !this.#moverOf[piece] && (this.#x[piece] !== to.x || this.#y[piece] !== to.y));
    for (const lot of this.#bySpot(off)) {
      const from = this.restOf(lot[0]!);
      this.#watcher.dirty(lot, from);
      const mover = moverAt(this.groupOf(lot[0]!), from, 0, { kind: "settling", from, start: now });
      mover.pieces = lot;
      for (const piece of lot) this.#moverOf[piece] = mover;
      this.movers.add(mover);
    }
  }

  /** Pieces at rest, in lots that lie equally far from home. */
  #bySpot(pieces: readonly number[]): number[][] {
    const lots = new Map<number, number[]>();
    for (const piece of pieces) {
      const spot = this.#x[piece]! * 65_536 + this.#y[piece]!;
      const lot = lots.get(spot);
      if (lot) lot.push(piece);
      else lots.set(spot, [piece]);
    }
    return [...lots.values()];
  }

  #rest(piece: number, at: Point): void {
    this.#x[piece] = at.x;
    this.#y[piece] = at.y;
  }

  /** Which pieces make up which cluster. */
  #regroup(state: PuzzleView): void {
    if (state.pieces === this.#looked) return;
    this.#looked = state.pieces;
    const left = new Set<number>();
    for (const { id, group } of state.pieces) {
      const before = this.groupOf(id);
      if (before === group) continue;
      if (before !== -1) left.add(before);
      this.#groupOf[id] = group;
      const members = this.#members.get(group);
      if (members) members.push(id);
      else this.#members.set(group, [id]);
    }
    for (const group of left)
      this.#members.set(
        group,
        this.members(group).filter((piece) => this.groupOf(piece) === group),
      );
  }

  /** Loose pieces lie on top of joined ones, so that putting down a large cluster hides nothing. */
  #sort(): void {
    const height = (row: GroupRow): number => (row.size === 1 ? 2 ** 33 : 0) + row.z;
    this.order = [...this.#rows.values()].sort((a, b) => height(a) - height(b)).map((row) => row.id);
  }
}
