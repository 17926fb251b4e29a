/** Draws the table on two stacked 2D canvases: one for what rests, repainted only where it changed, one for what moves. */
import type { Cut } from "../../puzzle/cut.ts";
import { CELL, homeOf, isBorder, type Point } from "../../puzzle/grid.ts";
import { meets, seen, type Rect, type Size } from "./camera.ts";
import { clusterImage, type ClusterImage } from "./cluster-image.ts";
import type { Mover } from "./mover.ts";
import type { Renderer, Scene } from "./scene.ts";
import { across, boundsOf, laid, outlines, silhouette } from "./shapes.ts";
import { SPRITE_UNITS, SpriteStore, type Sprite } from "./sprites.ts";
import { arrow, tag } from "./tags.ts";

/** A held cluster is shown this much larger. */
const LIFTED = 0.03;
/** Above this many rectangles it is cheaper to repaint everything. */
const MOST_RECTS = 24;

type Box = readonly [x: number, y: number, width: number, height: number];

export function canvasRenderer(
  stillCanvas: HTMLCanvasElement,
  movingCanvas: HTMLCanvasElement,
  cut: Cut,
  picture: ImageBitmap,
): Renderer {
  const stillInk = context(stillCanvas);
  const movingInk = context(movingCanvas);
  const { grid } = cut;
  const outline = outlines(cut);
  const store = new SpriteStore(cut, picture, outline);
  const images = new WeakMap<Mover, { image: ClusterImage; pieces: number[] }>();
  const reach = SPRITE_UNITS / 2;
  let size: Size = { width: 0, height: 0 };
  let ratio = 1;
  let painted: Box[] = [];

  const bucketOf = (scene: Scene): number => SpriteStore.bucket(scene.camera.scale * ratio);

  /** Lets the ink draw in the table's units. */
  function world(ink: CanvasRenderingContext2D, { camera }: Scene): void {
    const scale = camera.scale * ratio;
    ink.setTransform(
      scale,
      0,
      0,
      scale,
      (size.width / 2 - camera.x * camera.scale) * ratio,
      (size.height / 2 - camera.y * camera.scale) * ratio,
    );
  }

  /** The same, from the top left corner of a cluster's picture. */
  function within(ink: CanvasRenderingContext2D, scene: Scene, at: Point): void {
    world(ink, scene);
    ink.translate(at.x - grid.width / 2, at.y - grid.height / 2);
  }

  function frame(ink: CanvasRenderingContext2D, { look, camera }: Scene): void {
    const pixel = 1 / camera.scale;
    const gap = Math.max(5, 5 * pixel);
    ink.beginPath();
    ink.roundRect(-grid.width / 2 - gap, -grid.height / 2 - gap, grid.width + 2 * gap, grid.height + 2 * gap, gap * 1.4);
    ink.fillStyle = look.frameFill;
    ink.fill();
    ink.lineWidth = 1.5 * pixel;
    ink.strokeStyle = look.frameLine;
    ink.stroke();
  }

  function copy(ink: CanvasRenderingContext2D, sprite: Sprite, x: number, y: number): void {
    ink.drawImage(sprite.sheet, sprite.x, sprite.y, sprite.size, sprite.size, x - reach, y - reach, SPRITE_UNITS, SPRITE_UNITS);
  }

  /** Clusters at rest from bottom to top, each with its shadows below its pieces. */
  function resting(ink: CanvasRenderingContext2D, scene: Scene, within: Rect): void {
    const { pieces, look, edgesOnly } = scene;
    const bucket = bucketOf(scene);
    const drawn: { sprite: Sprite; x: number; y: number }[] = [];
    for (const group of pieces.order) {
      const members = pieces.members(group);
      if (edgesOnly && members.length === 1 && !isBorder(grid, members[0]!)) continue;
      drawn.length = 0;
      ink.globalAlpha = look.shadow;
      for (const piece of members) {
        if (pieces.moverOf(piece)) continue;
        const home = homeOf(grid, piece);
        const at = pieces.restOf(piece);
        const x = home.x + at.x;
        const y = home.y + at.y;
        if (x + reach < within.left || x - reach > within.right || y + reach < within.top || y - reach > within.bottom) continue;
        const sprites = store.get(piece, bucket);
        if (!sprites) continue;
        const open =
          members.length === 1 || across(grid, piece).some((other) => other === undefined || !pieces.together(piece, other));
        if (open) copy(ink, sprites.shadow, x, y);
        drawn.push({ sprite: sprites.body, x, y });
      }
      ink.globalAlpha = 1;
      for (const { sprite, x, y } of drawn) copy(ink, sprite, x, y);
    }
    if (scene.closed > 0) {
      const at = pieces.restOf(0);
      ink.globalAlpha = scene.closed;
      ink.imageSmoothingQuality = "high";
      ink.drawImage(picture, at.x - grid.width / 2, at.y - grid.height / 2, grid.width, grid.height);
      ink.globalAlpha = 1;
    }
  }

  function imageOf(mover: Mover, scene: Scene): ClusterImage {
    const bucket = bucketOf(scene);
    const held = mover.holder !== 0 && mover.motion.kind !== "settling";
    const rim = held ? scene.person(mover.holder).colour.vivid : undefined;
    const known = images.get(mover);
    if (known && known.image.bucket === bucket && known.image.rim === rim && known.pieces === mover.pieces) return known.image;
    const image = clusterImage(cut, store, mover.pieces, bucket, rim);
    images.set(mover, { image, pieces: mover.pieces });
    return image;
  }

  /** What a part of the table covers, in whole device pixels: parts of pixels would leave hairlines behind. */
  function boxOf({ camera }: Scene, area: Rect, spare: number): Box {
    const toX = (x: number): number => ((x - camera.x) * camera.scale + size.width / 2) * ratio;
    const toY = (y: number): number => ((y - camera.y) * camera.scale + size.height / 2) * ratio;
    const left = Math.floor(toX(area.left) - spare);
    const top = Math.floor(toY(area.top) - spare);
    return [left, top, Math.ceil(toX(area.right) + spare) - left, Math.ceil(toY(area.bottom) + spare) - top];
  }

  /** The next frame clears what was painted, and no more. */
  function remember(scene: Scene, area: Rect, spare = 2): void {
    painted.push(boxOf(scene, area, spare));
  }

  function moved(ink: CanvasRenderingContext2D, scene: Scene, mover: Mover): void {
    const { image, area } = imageOf(mover, scene);
    const grow = 1 + LIFTED * mover.lift;
    const at = { x: mover.x + mover.shake, y: mover.y };
    const bounds = laid(grid, area, at);
    const middle = { x: (bounds.left + bounds.right) / 2, y: (bounds.top + bounds.bottom) / 2 };
    world(ink, scene);
    ink.translate(middle.x, middle.y);
    ink.scale(grow, grow);
    ink.translate(-middle.x, -middle.y);
    ink.drawImage(image, bounds.left, bounds.top, bounds.right - bounds.left, bounds.bottom - bounds.top);
    const more = ((bounds.right - bounds.left) * LIFTED) / 2;
    remember(scene, {
      left: bounds.left - more,
      top: bounds.top - more,
      right: bounds.right + more,
      bottom: bounds.bottom + more,
    });
  }

  function outlined(ink: CanvasRenderingContext2D, scene: Scene, group: number): void {
    const at = scene.pieces.shown(group);
    const members = scene.pieces.members(group);
    if (!at) return;
    within(ink, scene, at);
    ink.lineJoin = "round";
    ink.lineWidth = 5 / scene.camera.scale;
    ink.strokeStyle = "rgb(255 255 255 / .9)";
    const path = silhouette(cut, members);
    ink.stroke(path);
    ink.lineWidth = 2.5 / scene.camera.scale;
    ink.strokeStyle = scene.look.focus;
    ink.stroke(path);
    remember(scene, laid(grid, boundsOf(grid, members), at), 12);
  }

  function boxed(ink: CanvasRenderingContext2D, scene: Scene, box: Rect): void {
    world(ink, scene);
    const area = [box.left, box.top, box.right - box.left, box.bottom - box.top] as const;
    ink.fillStyle = ink.strokeStyle = scene.look.focus;
    ink.globalAlpha = 0.12;
    ink.fillRect(...area);
    ink.globalAlpha = 1;
    ink.lineWidth = 1.5 / scene.camera.scale;
    ink.strokeRect(...area);
    remember(scene, box, 3);
  }

  return {
    resize(width, height, pixels) {
      size = { width, height };
      ratio = pixels;
      for (const canvas of [stillCanvas, movingCanvas]) {
        canvas.width = Math.round(width * pixels);
        canvas.height = Math.round(height * pixels);
      }
      painted = [];
    },

    still(scene, dirty) {
      const ink = stillInk;
      const whole = dirty === "all" || dirty.length > MOST_RECTS;
      ink.save();
      ink.setTransform(1, 0, 0, 1, 0, 0);
      if (whole) {
        ink.clearRect(0, 0, stillCanvas.width, stillCanvas.height);
        world(ink, scene);
        frame(ink, scene);
        resting(ink, scene, seen(scene.camera, size));
      } else {
        for (const rect of dirty) {
          if (!meets(rect, seen(scene.camera, size))) continue;
          const box = boxOf(scene, rect, 0);
          const pixel = 1 / (scene.camera.scale * ratio);
          ink.save();
          ink.beginPath();
          ink.rect(...box);
          ink.clip();
          ink.clearRect(...box);
          world(ink, scene);
          frame(ink, scene);
          resting(ink, scene, {
            left: rect.left - pixel,
            top: rect.top - pixel,
            right: rect.right + pixel,
            bottom: rect.bottom + pixel,
          });
          ink.restore();
        }
      }
      ink.restore();
    },

    moving(scene) {
      const ink = movingInk;
      ink.setTransform(1, 0, 0, 1, 0, 0);
      for (const [x, y, width, height] of painted) ink.clearRect(x, y, width, height);
      painted = [];
      for (const { path, bounds, x, y, strength } of scene.glows) {
        within(ink, scene, { x, y });
        ink.lineCap = "round";
        for (const [wide, alpha] of [
          [16, 0.28],
          [8, 0.5],
          [3, 0.95],
        ] as const) {
          ink.lineWidth = Math.max(wide, (wide * 0.35) / scene.camera.scale);
          ink.strokeStyle = `rgb(255 246 205 / ${alpha * strength})`;
          ink.stroke(path);
        }
        remember(scene, laid(grid, bounds, { x, y }), 12);
      }
      for (const mover of scene.pieces.moving) moved(ink, scene, mover);
      for (const group of scene.selected) outlined(ink, scene, group);
      if (scene.focus !== undefined) outlined(ink, scene, scene.focus);
      if (scene.box) boxed(ink, scene, scene.box);
      for (const each of scene.tags) painted.push(tag(ink, scene.camera, size, ratio, each));
      for (const cursor of scene.cursors) painted.push(...arrow(ink, scene.camera, size, ratio, cursor));
    },

    refine: (ms) => store.work(ms),
    get unrefined() {
      return store.unmade > 0;
    },
  };
}

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ink = canvas.getContext("2d");
  if (!ink) throw new Error("this browser gives no 2D canvas");
  return ink;
}

/** What a piece's image covers, at rest at `at`. */
export function spriteRect(grid: Cut["grid"], piece: number, at: Point): Rect {
  const home = homeOf(grid, piece);
  const reach = SPRITE_UNITS / 2;
  return { left: home.x + at.x - reach, right: home.x + at.x + reach, top: home.y + at.y - reach, bottom: home.y + at.y + reach };
}

/** What a cluster's images cover, at rest at `at`. */
export function clusterRect(grid: Cut["grid"], members: readonly number[], at: Point): Rect {
  const spare = (SPRITE_UNITS - CELL) / 2;
  const bounds = laid(grid, boundsOf(grid, members), at);
  return { left: bounds.left - spare, right: bounds.right + spare, top: bounds.top - spare, bottom: bounds.bottom + spare };
}
