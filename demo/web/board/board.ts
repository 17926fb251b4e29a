/**
 * The table on the screen: joins the room, what is shown of it, the hand and the renderer, and draws a frame whenever
 * something changed. Knows no React: the page around it talks to it through `Board`.
 */
import { cutOf } from "../../puzzle/cut.ts";
import { gridOf, type Point } from "../../puzzle/grid.ts";
import type { Rect } from "./camera.ts";
import { canvasRenderer, clusterRect, spriteRect } from "./canvas-renderer.ts";
import { Cursors } from "./cursors.ts";
import { Eye } from "./eye.ts";
import { Glows } from "./glows.ts";
import { Hand, type Refusal } from "./hand.ts";
import { hitTest } from "./hit.ts";
import { listen } from "./input.ts";
import { press } from "./keyboard.ts";
import { personOf, type Person, type PuzzleRoom } from "./people.ts";
import { Pieces } from "./pieces.ts";
import type { Look, Scene } from "./scene.ts";
import { Selection } from "./selection.ts";
import { outlines } from "./shapes.ts";
import { TagList } from "./tag-list.ts";
import { boardView, type BoardView } from "./view.ts";
import { walker } from "./walk.ts";
import { refusalText } from "./words.ts";

export interface BoardEvents {
  /** Something for the live region. */
  say(text: string): void;
  joined(): void;
  help(): void;
}

export interface Board {
  fit(): void;
  zoom(factor: number): void;
  edgesOnly(on: boolean): void;
  look(look: Look): void;
  /** Brings the whole picture into view, above what covers the window from below (px). */
  admire(covered: number): void;
  readonly view: BoardView;
  destroy(): void;
}

/** The seams of a finished picture start to close after this (ms), and take that long. */
const CLOSE_AFTER = 400;
const CLOSE = 1100;
/** ms of a frame for making better images of pieces. */
const REFINE = 5;
/** More better images than this in one frame: repaint everything at once, but only this often (ms), until there are no more. */
const MANY = 24;
const REPAINT_EVERY = 500;
/** A cluster held this near (px) to the rim of the window pulls the table along, this fast (px a frame). */
const RIM = 30;
const PULL = 7;
/** How far (px) a finger may miss. */
const FINGER = 9;
/** How often (ms) a hand that keeps still is looked after, though nothing is drawn. */
const STILL_CHECK = 300;
/** What a cursor's i16 can say. */
const FARTHEST = 32_767;

export function createBoard(
  host: HTMLElement,
  room: PuzzleRoom,
  picture: ImageBitmap,
  firstLook: Look,
  events: BoardEvents,
): Board {
  const grid = gridOf(room.params);
  const cut = cutOf(grid, room.params.seed);
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const stillCanvas = document.createElement("canvas");
  const movingCanvas = document.createElement("canvas");
  host.append(stillCanvas, movingCanvas);
  const renderer = canvasRenderer(stillCanvas, movingCanvas, cut, picture);

  const eye = new Eye(grid, soilAll);
  const glows = new Glows(cut);
  const cursors = new Cursors(room);
  const pieces = new Pieces(
    grid,
    (group) => room.motion.drag(group),
    {
      dirty: (list, at) => soil(clusterRect(grid, list, at)),
      joined(list) {
        glows.light(list, pieces.restOf(list[0]!), pieces.together, performance.now());
        events.joined();
      },
    },
    () => reduced.matches,
  );
  const tags = new TagList(pieces);
  const hit = hitTest(pieces, outlines(cut));
  const hand = new Hand(room, pieces, refused);
  const selection = new Selection(pieces);
  const selected = (): readonly number[] => selection.groups(room.self?.id ?? 0);
  const person = (id: number): Person => personOf(room, id);
  const walk = walker(room, pieces, hand, eye, events.say, events.help);

  let dirty: "all" | Rect[] = "all";
  let look = firstLook;
  let finishedAt: number | undefined;
  let pointer: Point | undefined;
  const drawn = { frames: 0, cost: 0, anything: false, closed: 0 };
  /** Better images that are not on the screen yet. */
  const refined = { many: false, paintedAt: -Infinity };
  let scheduled = 0;
  let last = performance.now();
  let gone = false;

  function soil(rect: Rect): void {
    if (dirty !== "all") dirty.push(rect);
    wake();
  }

  function soilAll(): void {
    dirty = "all";
    wake();
  }

  function wake(): void {
    if (scheduled === 0 && !gone) scheduled = requestAnimationFrame(frame);
  }

  function refused(group: number, why: Refusal): void {
    const now = performance.now();
    const holder = room.state.groups.get(group)?.heldBy ?? 0;
    const text = refusalText(why, holder === 0 ? undefined : person(holder).name);
    pieces.shake(group, now);
    tags.say(text, person(holder), group, now);
    events.say(text);
    wake();
  }

  /** Takes over what the room shows now. */
  function sync(): void {
    const now = performance.now();
    pieces.sync(room.state, hand.groups, now);
    cursors.sync(now);
    if (room.state.meta.finishedAt !== 0) finishedAt ??= now;
    wake();
  }

  function frame(now: number): void {
    scheduled = 0;
    const begun = performance.now();
    const passed = Math.min(100, Math.max(0, now - last));
    last = now;
    pull();
    eye.step(now, reduced.matches);
    pieces.step(now, passed);
    refine(now);
    const scene = sceneAt(now);
    if (scene.closed !== drawn.closed) dirty = "all";
    if (dirty === "all" || dirty.length > 0) renderer.still(scene, dirty);
    dirty = [];
    const anything =
      pieces.movers.size + scene.cursors.length + scene.glows.length + scene.tags.length + scene.selected.length > 0 ||
      scene.box !== undefined ||
      walk.focus !== undefined;
    if (anything || drawn.anything) renderer.moving(scene);
    drawn.anything = anything;
    drawn.closed = scene.closed;
    drawn.frames++;
    drawn.cost += (performance.now() - begun - drawn.cost) * 0.05;
    const closing = finishedAt !== undefined && scene.closed < 1;
    if (
      pieces.movers.size > 0 ||
      glows.any ||
      tags.any ||
      eye.flying ||
      closing ||
      renderer.unrefined ||
      now < cursors.busyUntil()
    )
      wake();
  }

  function sceneAt(now: number): Scene {
    const pointing = cursors.show(now);
    const since = finishedAt === undefined ? 0 : reduced.matches ? 1 : (now - finishedAt - CLOSE_AFTER) / CLOSE;
    return {
      camera: eye.camera,
      cut,
      look,
      pieces,
      person,
      cursors: pointing,
      glows: glows.show(now),
      tags: tags.show(now, pointing, person),
      edgesOnly: walk.edgesOnly,
      focus: walk.focus,
      selected: selected().filter((group) => !hand.groups.has(group)),
      box: selection.box,
      closed: Math.max(0, Math.min(1, since)),
    };
  }

  function refine(now: number): void {
    if (!renderer.unrefined) return;
    const better = renderer.refine(REFINE);
    refined.many ||= better.length > MANY;
    if (refined.many) {
      if (renderer.unrefined && now - refined.paintedAt < REPAINT_EVERY) return;
      refined.many = false;
      refined.paintedAt = now;
      dirty = "all";
    } else for (const piece of better) if (!pieces.moverOf(piece)) soil(spriteRect(grid, piece, pieces.restOf(piece)));
  }

  function pull(): void {
    if (!pointer || hand.groups.size === 0) return;
    const dx = pointer.x < RIM ? PULL : pointer.x > eye.size.width - RIM ? -PULL : 0;
    const dy = pointer.y < RIM ? PULL : pointer.y > eye.size.height - RIM ? -PULL : 0;
    if (dx === 0 && dy === 0) return;
    eye.pan(dx, dy);
    hand.moveTo(eye.toWorld(pointer), performance.now());
  }

  const stopInput = listen(host, {
    pick(at, finger) {
      const place = eye.toWorld(at);
      const group = hit(place, walk.edgesOnly, finger ? FINGER / eye.camera.scale : 0);
      if (group === undefined) {
        selection.clear();
        wake();
      }
      if (group === undefined || finishedAt !== undefined) return false;
      pointer = at;
      walk.focusOn(undefined);
      wake();
      const together = selected();
      if (!together.includes(group)) {
        selection.clear();
        return hand.grab(group, place, performance.now());
      }
      for (const each of together) hand.grab(each, place, performance.now());
      return true;
    },
    dragTo(at) {
      pointer = at;
      hand.moveTo(eye.toWorld(at), performance.now());
      wake();
    },
    drop() {
      pointer = undefined;
      hand.drop(performance.now());
      wake();
    },
    boxFrom(at) {
      selection.start(eye.toWorld(at));
      walk.focusOn(undefined);
      wake();
    },
    boxTo(at) {
      selection.drawTo(eye.toWorld(at), walk.edgesOnly);
      wake();
    },
    boxed() {
      selection.end();
      const { length } = selected();
      events.say(`${length} ${length === 1 ? "piece" : "pieces"} selected.`);
      wake();
    },
    pan: (dx, dy) => eye.pan(dx, dy),
    zoom: (at, factor) => eye.zoom(factor, at),
    fit: () => eye.flyToTable(),
    hover(at) {
      const place = at && eye.toWorld(at);
      const sayable = (value: number): number => Math.round(Math.max(-FARTHEST, Math.min(FARTHEST, value)));
      room.setPresence({ cursor: place && { x: sayable(place.x), y: sayable(place.y) } });
    },
    over: (at) => finishedAt === undefined && hit(eye.toWorld(at), walk.edgesOnly) !== undefined,
  });

  const stop = new AbortController();
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Escape") selection.clear();
    if (press(event, walk)) event.preventDefault();
    wake();
  };
  host.addEventListener("keydown", keys, { signal: stop.signal });
  host.addEventListener("blur", () => walk.focusOn(undefined), { signal: stop.signal });

  const sizing = new ResizeObserver(() => {
    renderer.resize(host.clientWidth, host.clientHeight, Math.min(2, devicePixelRatio));
    eye.resize({ width: host.clientWidth, height: host.clientHeight });
  });
  sizing.observe(host);
  const stops = [room.on("frame", sync), room.on("others", sync)];
  const stillTimer = setInterval(() => hand.tick(performance.now()), STILL_CHECK);
  sync();

  return {
    fit: () => eye.flyToTable(),
    zoom: (factor) => eye.flyCloser(factor),
    edgesOnly(on) {
      walk.edgesOnly = on;
      soilAll();
    },
    look(next) {
      look = next;
      soilAll();
    },
    admire: (covered) => eye.flyToPicture(covered),
    view: boardView(
      host,
      eye,
      pieces,
      (at) => hit(at, walk.edgesOnly),
      drawn,
      () => renderer.unrefined,
    ),
    destroy() {
      gone = true;
      cancelAnimationFrame(scheduled);
      clearInterval(stillTimer);
      for (const end of stops) end();
      stopInput();
      stop.abort();
      sizing.disconnect();
      stillCanvas.remove();
      movingCanvas.remove();
    },
  };
}
