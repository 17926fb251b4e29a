/**
 * Mouse, pen and touch: one finger or button drags a cluster or the table, two fingers or the wheel zoom. With Shift, or a
 * finger that rests before it moves, a box is drawn.
 */
import type { Point } from "../../puzzle/grid.ts";

export interface Touchable {
  /** Takes what is under the point; false when there is nothing to take. */
  pick(at: Point, finger: boolean): boolean;
  dragTo(at: Point): void;
  drop(): void;
  /** A box is drawn, from where it starts to where it ends. */
  boxFrom(at: Point): void;
  boxTo(at: Point): void;
  boxed(): void;
  pan(dx: number, dy: number): void;
  zoom(at: Point, factor: number): void;
  fit(): void;
  /** Where the pointer is; null: nowhere. */
  hover(at: Point | null): void;
  /** Whether something could be taken there. */
  over(at: Point): boolean;
}

type Gesture =
  | { kind: "none" }
  | { kind: "hold"; pointer: number }
  | { kind: "pan"; pointer: number; last: Point }
  | { kind: "box"; pointer: number }
  | { kind: "pinch"; gap: number; middle: Point };

/** What a notch of a wheel, or the same way on a trackpad, zooms. */
const WHEEL = 0.0016;
/** Two taps on the table within this time (ms) and this far (px) show all of it. */
const DOUBLE = 320;
const DOUBLE_REACH = 24;

/** A finger that rests this long (ms), within this reach (px), on the bare table draws a box. */
const REST = 450;
const REST_REACH = 8;

/** Listens on the element; returns the way to stop. */
export function listen(element: HTMLElement, table: Touchable): () => void {
  const fingers = new Map<number, Point>();
  let gesture: Gesture = { kind: "none" };
  let resting: { timer: ReturnType<typeof setTimeout>; at: Point } | undefined;
  let lastTap: { at: number; x: number; y: number } | undefined;

  const place = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const pinch = (): { gap: number; middle: Point } => {
    const [a, b] = [...fingers.values()] as [Point, Point];
    return { gap: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
  };
  const show = (at: Point): void => {
    const grabbing = gesture.kind === "hold" || gesture.kind === "pan";
    element.style.cursor = grabbing ? "grabbing" : table.over(at) ? "grab" : "default";
  };

  const moves = (): void => {
    clearTimeout(resting?.timer);
    resting = undefined;
  };
  function box(pointer: number, at: Point): void {
    moves();
    gesture = { kind: "box", pointer };
    table.boxFrom(at);
  }

  function down(event: PointerEvent): void {
    if (event.button > 1) return;
    const at = place(event);
    element.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") fingers.set(event.pointerId, at);
    if (fingers.size === 2) {
      moves();
      if (gesture.kind === "hold") table.drop();
      else if (gesture.kind === "box") table.boxed();
      gesture = { kind: "pinch", ...pinch() };
      return;
    }
    if (gesture.kind !== "none") return;
    if (event.button === 0 && event.shiftKey) box(event.pointerId, at);
    else if (event.button === 0 && table.pick(at, event.pointerType === "touch"))
      gesture = { kind: "hold", pointer: event.pointerId };
    else {
      gesture = { kind: "pan", pointer: event.pointerId, last: at };
      if (event.pointerType === "touch") resting = { timer: setTimeout(() => box(event.pointerId, at), REST), at };
      const twice =
        lastTap && event.timeStamp - lastTap.at < DOUBLE && Math.hypot(lastTap.x - at.x, lastTap.y - at.y) < DOUBLE_REACH;
      if (twice && !table.over(at)) table.fit();
      lastTap = twice ? undefined : { at: event.timeStamp, ...at };
    }
    table.hover(at);
    show(at);
  }

  function move(event: PointerEvent): void {
    const at = place(event);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
    if (gesture.kind === "pinch" && fingers.size >= 2) {
      const { gap, middle } = pinch();
      table.pan(middle.x - gesture.middle.x, middle.y - gesture.middle.y);
      table.zoom(middle, gap / gesture.gap);
      gesture = { kind: "pinch", gap, middle };
      return;
    }
    if (gesture.kind === "hold" && gesture.pointer === event.pointerId) table.dragTo(at);
    else if (gesture.kind === "box" && gesture.pointer === event.pointerId) table.boxTo(at);
    else if (gesture.kind === "pan" && gesture.pointer === event.pointerId) {
      if (resting && Math.hypot(at.x - resting.at.x, at.y - resting.at.y) < REST_REACH) return;
      moves();
      table.pan(at.x - gesture.last.x, at.y - gesture.last.y);
      gesture.last = at;
    } else if (gesture.kind === "none") show(at);
    table.hover(at);
  }

  function up(event: PointerEvent): void {
    fingers.delete(event.pointerId);
    if (gesture.kind === "pinch") {
      if (fingers.size < 2) gesture = { kind: "none" };
    } else if (gesture.kind !== "none" && gesture.pointer === event.pointerId) {
      moves();
      if (gesture.kind === "hold") table.drop();
      else if (gesture.kind === "box") table.boxed();
      gesture = { kind: "none" };
    }
    if (event.pointerType === "touch") table.hover(null);
    else show(place(event));
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const notches = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    table.zoom(place(event), Math.exp(-notches * WHEEL * (event.ctrlKey ? 5 : 1)));
  }

  const leave = (event: PointerEvent): void => {
    if (event.pointerType !== "touch") table.hover(null);
  };

  const stop = new AbortController();
  const { signal } = stop;
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", up, { signal });
  element.addEventListener("pointerleave", leave, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
  return () => {
    moves();
    stop.abort();
  };
}
