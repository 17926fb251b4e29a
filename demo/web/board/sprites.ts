/**
 * Pieces as ready-made images, one set for each power of two of zoom, so that drawing a piece is copying a rectangle.
 * They are made a few at a time; until a piece's image in the right size is there, a coarser one stands in.
 */
import { KNOB_REACH, type Cut } from "../../puzzle/cut.ts";
import { CELL } from "../../puzzle/grid.ts";

export interface Sprite {
  readonly sheet: OffscreenCanvas;
  readonly x: number;
  readonly y: number;
  /** Pixels, both ways. */
  readonly size: number;
}

/** A piece's image and its shadow's, each covering `SPRITE_UNITS` both ways around the middle of the cell. */
export interface Sprites {
  body: Sprite;
  shadow: Sprite;
}

/** Room for the softest part of the shadow beyond the knobs. */
const MARGIN = 14;
export const SPRITE_UNITS = CELL + 2 * (KNOB_REACH + MARGIN);
const SHEET = 2048;
/** Sheets of all sets together, 16 MB each; beyond it the set used longest ago is dropped. */
const MOST_SHEETS = 6;
/** The smallest set: a piece of 6 pixels. */
const COARSEST = 1 / 16;
/** Shadows are soft: half the resolution is plenty. */
const SHADOW_DETAIL = 0.5;

interface Set {
  readonly scale: number;
  readonly made: (Sprites | undefined)[];
  readonly sheets: OffscreenCanvas[];
  used: number;
  filled: number;
}

export class SpriteStore {
  readonly #cut: Cut;
  readonly #picture: ImageBitmap;
  readonly #outline: (piece: number) => Path2D;
  readonly #sets = new Map<number, Set>();
  readonly #wanted = new Map<number, Set>();
  #clock = 0;

  constructor(cut: Cut, picture: ImageBitmap, outline: (piece: number) => Path2D) {
    this.#cut = cut;
    this.#picture = picture;
    this.#outline = outline;
  }

  /** The set for a zoom, in device pixels to a unit. */
  static bucket(scale: number): number {
    return Math.max(COARSEST, 2 ** Math.ceil(Math.log2(scale) - 0.15));
  }

  /** The best there is now; the right one is put on the list when it is missing. */
  get(piece: number, bucket: number): Sprites | undefined {
    const set = this.#set(bucket);
    set.used = ++this.#clock;
    const exact = set.made[piece];
    if (exact) return exact;
    this.#wanted.set(piece, set);
    let best: Sprites | undefined;
    for (const other of this.#sets.values()) {
      const sprites = other.made[piece];
      if (sprites && (!best || sprites.body.size > best.body.size)) best = sprites;
    }
    return best;
  }

  /** Like `get`, but makes it now. */
  need(piece: number, bucket: number): Sprites {
    const set = this.#set(bucket);
    set.used = ++this.#clock;
    return (set.made[piece] ??= this.#make(set, piece));
  }

  get unmade(): number {
    return this.#wanted.size;
  }

  /** Makes what is on the list, for about `ms`. Returns the pieces that look better now. */
  work(ms: number): number[] {
    const until = performance.now() + ms;
    const done: number[] = [];
    for (const [piece, set] of this.#wanted) {
      if (done.length > 0 && performance.now() > until) break;
      this.#wanted.delete(piece);
      if (this.#sets.get(set.scale) !== set || set.made[piece]) continue;
      set.made[piece] = this.#make(set, piece);
      done.push(piece);
    }
    return done;
  }

  #set(bucket: number): Set {
    const known = this.#sets.get(bucket);
    if (known) return known;
    const set: Set = { scale: bucket, made: [], sheets: [], used: ++this.#clock, filled: 0 };
    this.#sets.set(bucket, set);
    return set;
  }

  #make(set: Set, piece: number): Sprites {
    // Body and shadow lie side by side in one slot: the shadow takes the lower part.
    const size = Math.ceil(SPRITE_UNITS * set.scale) + 2;
    const shadowSize = Math.ceil(SPRITE_UNITS * set.scale * SHADOW_DETAIL) + 2;
    const slot = { width: size, height: size + shadowSize };
    const across = Math.max(1, Math.floor(SHEET / slot.width));
    const perSheet = across * Math.max(1, Math.floor(SHEET / slot.height));
    if (set.filled === perSheet * set.sheets.length) this.#addSheet(set);
    const number = set.filled++;
    const sheet = set.sheets[Math.floor(number / perSheet)]!;
    const x = (number % across) * slot.width;
    const y = Math.floor((number % perSheet) / across) * slot.height;
    const ink = sheet.getContext("2d");
    if (!ink) throw new Error("this browser gives no 2D canvas");
    const body: Sprite = { sheet, x, y, size };
    const shadow: Sprite = { sheet, x, y: y + size, size: shadowSize };
    this.#paintBody(ink, piece, body);
    this.#paintShadow(ink, piece, shadow);
    return { body, shadow };
  }

  #addSheet(set: Set): void {
    const others = [...this.#sets.values()].filter((each) => each !== set).sort((a, b) => a.used - b.used);
    let count = others.reduce((sum, each) => sum + each.sheets.length, set.sheets.length);
    for (const old of others) {
      if (count < MOST_SHEETS) break;
      count -= old.sheets.length;
      this.#sets.delete(old.scale);
    }
    if (count >= MOST_SHEETS) {
      // This set alone is too much: start it anew with what is seen now.
      set.sheets.length = set.made.length = set.filled = 0;
    }
    set.sheets.push(new OffscreenCanvas(SHEET, SHEET));
  }

  #place(ink: OffscreenCanvasRenderingContext2D, piece: number, { x, y, size }: Sprite): number {
    const { cols } = this.#cut.grid;
    const scale = size / SPRITE_UNITS;
    const left = (piece % cols) * CELL - (SPRITE_UNITS - CELL) / 2;
    const top = Math.floor(piece / cols) * CELL - (SPRITE_UNITS - CELL) / 2;
    ink.setTransform(scale, 0, 0, scale, x - left * scale, y - top * scale);
    return scale;
  }

  #paintBody(ink: OffscreenCanvasRenderingContext2D, piece: number, at: Sprite): void {
    const { width, height, cols } = this.#cut.grid;
    const outline = this.#outline(piece);
    ink.save();
    const scale = this.#place(ink, piece, at);
    ink.clip(outline);
    // Only the piece's part of the picture: copying all of it and clipping would cost a thousand times as much.
    const ratio = this.#picture.width / width;
    const left = Math.max(0, (piece % cols) * CELL - KNOB_REACH);
    const top = Math.max(0, Math.floor(piece / cols) * CELL - KNOB_REACH);
    const wide = Math.min(width, left + CELL + 2 * KNOB_REACH) - left;
    const high = Math.min(height, top + CELL + 2 * KNOB_REACH) - top;
    ink.imageSmoothingQuality = "high";
    ink.drawImage(this.#picture, left * ratio, top * ratio, wide * ratio, high * ratio, left, top, wide, high);
    // A thin edge, lit from the top left; the stroke's outer half is clipped away.
    const edge = Math.max(2.6, 1.5 / scale);
    ink.lineJoin = "round";
    ink.lineWidth = edge;
    ink.translate(edge * 0.3, edge * 0.3);
    ink.strokeStyle = "rgb(255 255 255 / .42)";
    ink.stroke(outline);
    ink.translate(edge * -0.6, edge * -0.6);
    ink.strokeStyle = "rgb(20 14 8 / .36)";
    ink.stroke(outline);
    ink.restore();
  }

  #paintShadow(ink: OffscreenCanvasRenderingContext2D, piece: number, at: Sprite): void {
    ink.save();
    ink.beginPath();
    ink.rect(at.x, at.y, at.size, at.size);
    ink.clip();
    const scale = this.#place(ink, piece, at);
    // Only the shadow is wanted: the shape itself is drawn out of sight. Shadow offsets ignore the transform.
    ink.translate(-SHEET / scale - SPRITE_UNITS, 0);
    ink.shadowColor = "rgb(0 0 0 / .62)";
    ink.shadowBlur = 7 * scale;
    ink.shadowOffsetX = SHEET + SPRITE_UNITS * scale + 1.4 * scale;
    ink.shadowOffsetY = 3.4 * scale;
    ink.fill(this.#outline(piece));
    ink.restore();
  }
}
