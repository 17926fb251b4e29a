/** Which part of the table is seen: pure arithmetic between the table's units ("world") and CSS pixels ("screen"). */
import type { Grid, Point } from "../../puzzle/grid.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Camera {
  /** The point of the table in the middle of the screen. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels to a unit. */
  readonly scale: number;
}

/** Nearest: a piece fills about a third of a phone's width. */
const MAX_SCALE = 2.4;
/** Farthest: the table at a bit less than half of what fits. */
const FARTHEST = 0.45;
/** What the bar above and the buttons below need, in CSS pixels. */
const INSETS = { top: 62, side: 14, bottom: 62 };

export const toScreen = (camera: Camera, size: Size, at: Point): Point => ({
  x: (at.x - camera.x) * camera.scale + size.width / 2,
  y: (at.y - camera.y) * camera.scale + size.height / 2,
});

export const toWorld = (camera: Camera, size: Size, at: Point): Point => ({
  x: (at.x - size.width / 2) / camera.scale + camera.x,
  y: (at.y - size.height / 2) / camera.scale + camera.y,
});

/** The part of the table on the screen. */
export function seen(camera: Camera, size: Size): Rect {
  const across = size.width / 2 / camera.scale;
  const down = size.height / 2 / camera.scale;
  return { left: camera.x - across, right: camera.x + across, top: camera.y - down, bottom: camera.y + down };
}

export const meets = (a: Rect, b: Rect): boolean => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

/** All of the rectangle, clear of the bar and of what covers the window from `bottom` px above its lower rim. */
export function fit(size: Size, area: Rect, bottom: number = INSETS.bottom): Camera {
  const width = Math.max(50, size.width - 2 * INSETS.side);
  const height = Math.max(50, size.height - INSETS.top - bottom);
  const scale = Math.min(MAX_SCALE, width / (area.right - area.left), height / (area.bottom - area.top));
  return { x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 - (INSETS.top - bottom) / 2 / scale, scale };
}

export const tableRect = (grid: Grid): Rect => ({
  left: -grid.halfWidth,
  right: grid.halfWidth,
  top: -grid.halfHeight,
  bottom: grid.halfHeight,
});

/** Zooms so that what is under `at` stays under it. */
export function zoomAt(camera: Camera, size: Size, at: Point, factor: number, grid: Grid): Camera {
  const scale = Math.max(fit(size, tableRect(grid)).scale * FARTHEST, Math.min(MAX_SCALE, camera.scale * factor));
  const fixed = toWorld(camera, size, at);
  return keep({ scale, x: fixed.x - (at.x - size.width / 2) / scale, y: fixed.y - (at.y - size.height / 2) / scale }, grid);
}

export const panBy = (camera: Camera, dx: number, dy: number, grid: Grid): Camera =>
  keep({ scale: camera.scale, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale }, grid);

/** The table cannot be lost: the middle of the screen stays on it. */
function keep(camera: Camera, grid: Grid): Camera {
  return {
    scale: camera.scale,
    x: Math.max(-grid.halfWidth, Math.min(grid.halfWidth, camera.x)),
    y: Math.max(-grid.halfHeight, Math.min(grid.halfHeight, camera.y)),
  };
}
