/** Where one looks: the camera over time. It jumps with a hand, and flies when it is sent somewhere. */
import type { Grid, Point } from "../../puzzle/grid.ts";
import { fit, panBy, seen, tableRect, toScreen, toWorld, zoomAt, type Camera, type Rect, type Size } from "./camera.ts";

/** How long (ms) it flies. */
const FLY = 260;
/** Below this width (px) the table starts a little nearer than what fits: pieces must be large enough for a finger. */
const PHONE = 600;
const PHONE_NEARER = 1.2;
/** The picture is shown with a little of the table around it: half of its size, and this much more. */
const PICTURE_ROOM = 0.53;

export class Eye {
  camera: Camera;
  size: Size = { width: 1, height: 1 };
  readonly #grid: Grid;
  readonly #changed: () => void;
  #fly: { from: Camera; to: Camera; start: number } | undefined;
  #placed = false;

  constructor(grid: Grid, changed: () => void) {
    this.#grid = grid;
    this.#changed = changed;
    this.camera = fit(this.size, tableRect(grid));
  }

  resize(size: Size): void {
    this.size = size;
    if (!this.#placed && size.width > 1) {
      this.#placed = true;
      this.camera = fit(size, tableRect(this.#grid));
      if (size.width < PHONE) this.camera = zoomAt(this.camera, size, this.#middle, PHONE_NEARER, this.#grid);
    }
    this.#changed();
  }

  toScreen = (at: Point): Point => toScreen(this.camera, this.size, at);
  toWorld = (at: Point): Point => toWorld(this.camera, this.size, at);

  get seen(): Rect {
    return seen(this.camera, this.size);
  }

  pan(dx: number, dy: number): void {
    this.#jump(panBy(this.camera, dx, dy, this.#grid));
  }

  zoom(factor: number, at: Point = this.#middle): void {
    this.#jump(zoomAt(this.camera, this.size, at, factor, this.#grid));
  }

  flyCloser(factor: number): void {
    // From where it is already flying to, so that quick clicks add up.
    this.#flyTo(zoomAt(this.#fly?.to ?? this.camera, this.size, this.#middle, factor, this.#grid));
  }

  flyToTable(): void {
    this.#flyTo(fit(this.size, tableRect(this.#grid)));
  }

  /** `covered`: how much of the window (px) is covered from below. */
  flyToPicture(covered: number): void {
    const across = this.#grid.width * PICTURE_ROOM;
    const down = this.#grid.height * PICTURE_ROOM;
    this.#flyTo(fit(this.size, { left: -across, right: across, top: -down, bottom: down }, covered));
  }

  /** Brings a point into view when it is not well within it. */
  reveal(at: Point, spare: number): void {
    const { left, right, top, bottom } = this.seen;
    const room = spare / this.camera.scale;
    if (at.x < left + room || at.x > right - room || at.y < top + room || at.y > bottom - room)
      this.#flyTo({ ...this.camera, x: at.x, y: at.y });
  }

  get flying(): boolean {
    return this.#fly !== undefined;
  }

  step(now: number, calm: boolean): void {
    if (!this.#fly) return;
    const { from, to, start } = this.#fly;
    const s = calm ? 1 : Math.max(0, Math.min(1, (now - start) / FLY));
    const eased = s < 0.5 ? 4 * s ** 3 : 1 - (-2 * s + 2) ** 3 / 2;
    const mix = (a: number, b: number): number => a + (b - a) * eased;
    this.camera = { x: mix(from.x, to.x), y: mix(from.y, to.y), scale: mix(from.scale, to.scale) };
    if (s === 1) this.#fly = undefined;
    this.#changed();
  }

  get #middle(): Point {
    return { x: this.size.width / 2, y: this.size.height / 2 };
  }

  #jump(to: Camera): void {
    this.#fly = undefined;
    this.camera = to;
    this.#changed();
  }

  #flyTo(to: Camera): void {
    this.#fly = { from: this.camera, to, start: performance.now() };
    this.#changed();
  }
}
