/** Arrows and name tags on the table. Each is drawn once for its name and colour, then copied. */
import { toScreen, type Camera, type Size } from "./camera.ts";
import type { Cursor } from "./cursors.ts";
import type { Person } from "./people.ts";
import type { Tag } from "./scene.ts";

type Box = readonly [x: number, y: number, width: number, height: number];

const FONT = '600 12px "Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif';
const HEIGHT = 21;
const PAD = 8;
const ARROW = 22;
/** Made labels; dropped all at once when there are too many, which takes a crowd that renames itself. */
const MOST = 200;

const labels = new Map<string, OffscreenCanvas>();
const arrows = new Map<string, OffscreenCanvas>();

/** Draws the tag with its foot at the point; what it covered, in device pixels. */
export function tag(
  ink: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  ratio: number,
  { text, person, x, y, alpha }: Tag,
): Box {
  const image = label(text, person, ratio);
  const at = toScreen(camera, size, { x, y });
  return put(ink, image, at.x * ratio - image.width / 2, at.y * ratio - image.height - 4 * ratio, alpha);
}

export function arrow(
  ink: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  ratio: number,
  { person, x, y, alpha }: Cursor,
): Box[] {
  const at = toScreen(camera, size, { x, y });
  const left = at.x * ratio;
  const top = at.y * ratio;
  return [
    put(ink, pointer(person, ratio), left - 3 * ratio, top - 3 * ratio, alpha),
    put(ink, label(person.name, person, ratio), left + 12 * ratio, top + 17 * ratio, alpha),
  ];
}

function put(ink: CanvasRenderingContext2D, image: OffscreenCanvas, x: number, y: number, alpha: number): Box {
  ink.setTransform(1, 0, 0, 1, 0, 0);
  ink.globalAlpha = alpha;
  ink.drawImage(image, x, y);
  ink.globalAlpha = 1;
  return [Math.floor(x) - 1, Math.floor(y) - 1, image.width + 3, image.height + 3];
}

function label(text: string, person: Person, ratio: number): OffscreenCanvas {
  return cached(labels, `${text}|${person.colour.deep}|${ratio}`, () => {
    const measure = new OffscreenCanvas(1, 1).getContext("2d")!;
    measure.font = FONT;
    const width = Math.ceil(measure.measureText(text).width) + 2 * PAD;
    const image = new OffscreenCanvas((width + 6) * ratio, (HEIGHT + 7) * ratio);
    const ink = image.getContext("2d")!;
    ink.scale(ratio, ratio);
    ink.translate(3, 2);
    ink.shadowColor = "rgb(0 0 0 / .3)";
    ink.shadowBlur = 3 * ratio;
    ink.shadowOffsetY = ratio;
    ink.fillStyle = person.colour.deep;
    ink.beginPath();
    ink.roundRect(0, 0, width, HEIGHT, HEIGHT / 2);
    ink.fill();
    ink.shadowColor = "transparent";
    ink.fillStyle = "#fff";
    ink.font = FONT;
    ink.textBaseline = "middle";
    ink.fillText(text, PAD, HEIGHT / 2 + 0.5);
    return image;
  });
}

function pointer(person: Person, ratio: number): OffscreenCanvas {
  return cached(arrows, `${person.colour.vivid}|${ratio}`, () => {
    const image = new OffscreenCanvas((ARROW + 6) * ratio, (ARROW + 8) * ratio);
    const ink = image.getContext("2d")!;
    ink.scale(ratio, ratio);
    ink.translate(3, 3);
    ink.shadowColor = "rgb(0 0 0 / .35)";
    ink.shadowBlur = 3 * ratio;
    ink.shadowOffsetY = 1.5 * ratio;
    ink.beginPath();
    ink.moveTo(0, 0);
    ink.lineTo(16.5, 10.4);
    ink.lineTo(9.2, 12.2);
    ink.lineTo(5.2, 18.8);
    ink.closePath();
    ink.lineJoin = "round";
    ink.fillStyle = person.colour.vivid;
    ink.fill();
    ink.shadowColor = "transparent";
    ink.lineWidth = 1.8;
    ink.strokeStyle = "#fff";
    ink.stroke();
    return image;
  });
}

function cached(store: Map<string, OffscreenCanvas>, key: string, make: () => OffscreenCanvas): OffscreenCanvas {
  const known = store.get(key);
  if (known) return known;
  if (store.size >= MOST) store.clear();
  const image = make();
  store.set(key, image);
  return image;
}
