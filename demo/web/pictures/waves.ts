/** Waves: bands of combed water from a far calm to a near swell, with foam, under a low sun. */
import { draws, type Draw } from "../../puzzle/seeded.ts";
import { brushed, disc } from "./brush.ts";
import { dot, glow, hsl, type Ink, type Paint } from "./ink.ts";
import { layered } from "./noise.ts";

const BANDS = 15;

export const paintWaves: Paint = (ink, width, height, seed) => {
  const draw = draws(seed);
  const horizon = height * 0.25;
  brushed(ink, draw, {
    seed,
    width,
    top: 0,
    bottom: horizon + 40,
    stray: 11,
    stops: [
      [0, 208, 54, 62],
      [0.26, 202, 36, 79],
      [0.26, 44, 44, 86],
      [0.5, 36, 76, 83],
      [1, 16, 84, 74],
    ],
  });
  const sun = { x: width * draw.between(0.25, 0.75), y: horizon * 0.78 };
  glow(ink, sun.x, sun.y, height * 0.42, hsl(28, 100, 78, 0.9), hsl(20, 95, 70, 0));
  disc(ink, draw, sun.x, sun.y, height * 0.085, [8, 82, 60]);
  for (let i = 0; i < 70; i++) cloud(ink, draw, draw() * width, draw.between(0.02, 0.92) * horizon);

  for (let band = 0; band < BANDS; band++) {
    const near = band / (BANDS - 1);
    const base = horizon + (height - horizon) * near ** 1.25 * 0.94;
    swell(ink, draw, { seed: seed + band * 613, near, base, width, height });
  }
  glints(ink, draw, width, horizon, height);
};

/** Light on the water: short strokes, longer and bolder the nearer. */
function glints(ink: Ink, draw: Draw, width: number, horizon: number, height: number): void {
  ink.lineCap = "round";
  for (let i = 0; i < width * 0.9; i++) {
    const near = draw() ** 0.8;
    const x = draw() * width;
    const y = horizon + 14 + near * (height - horizon - 14);
    const long = draw.between(2, 6) + near * draw.between(3, 13);
    ink.strokeStyle = hsl(
      draw.between(165, 232),
      draw.between(45, 85),
      draw() < 0.7 ? draw.between(58, 88) : draw.between(14, 26),
      draw.between(0.25, 0.7),
    );
    ink.lineWidth = 0.8 + near * draw.between(0.6, 2.8);
    ink.beginPath();
    ink.moveTo(x - long, y + draw.between(-2, 2));
    ink.quadraticCurveTo(x, y - near * draw.between(-4, 5), x + long, y + draw.between(-2, 2));
    ink.stroke();
  }
}

interface Swell {
  readonly seed: number;
  readonly near: number;
  readonly base: number;
  readonly width: number;
  readonly height: number;
}

function swell(ink: Ink, draw: Draw, { seed, near, base, width, height }: Swell): void {
  const tall = 10 + near * 88;
  const long = 70 + near * 270;
  const shift = draw() * long;
  const lean = 0.3 + draw() * 0.25;
  // A crest that leans forward: the phase runs ahead where the wave is high.
  const crest = (x: number): number => {
    const drift = layered(seed, x / (long * 2.2), 0, 2) * 2.4;
    const phase = ((x + shift) / long) * Math.PI * 2 + drift * 2;
    const rise = Math.sin(phase + Math.sin(phase) * lean);
    return base - tall * (0.5 + 0.5 * rise) ** 1.5 * (0.5 + layered(seed + 3, x / (long * 1.4), 4, 2));
  };
  const hue = 190 + near * 28 + draw.between(-9, 9);
  const light = 66 - near * 38;
  const outline = new Path2D();
  outline.moveTo(0, height);
  for (let x = 0; x <= width + 4; x += 4) outline.lineTo(x, crest(x));
  outline.lineTo(width, height);
  const fill = ink.createLinearGradient(0, base - tall, 0, base + tall * 1.4 + 20);
  fill.addColorStop(0, hsl(hue - 14, 58, light + 13));
  fill.addColorStop(0.5, hsl(hue, 66, light));
  fill.addColorStop(1, hsl(hue + 10, 70, light * 0.72));
  ink.fillStyle = fill;
  ink.fill(outline);

  // Combed lines below the crest, ever flatter, each broken where it likes.
  ink.save();
  ink.clip(outline);
  ink.lineCap = "round";
  // The nearest swell has all of the rest of the picture to itself.
  const deep = near === 1 ? height - base + tall : tall * 1.5 + 34;
  const lines = Math.round((5 + near * 11) * (deep / (tall * 1.5 + 34)));
  for (let line = 1; line <= lines; line++) {
    const fall = (line / lines) * deep;
    const flat = 1 - (line / lines) * 0.55;
    let pen = false;
    ink.strokeStyle =
      draw() < 0.6
        ? hsl(hue - 22, 62, light + draw.between(10, 28), 0.75)
        : hsl(hue + 14, 72, light * draw.between(0.5, 0.8), 0.75);
    ink.lineWidth = (0.8 + near * 2.8) * draw.between(0.6, 1.35);
    ink.beginPath();
    for (let x = -8; x <= width + 8; x += 8) {
      const y = base + (crest(x) - base) * flat + fall + layered(seed + line, x / 46, line, 2) * 9 * near;
      const broken = layered(seed + line * 7, x / (36 + near * 60), line * 3, 2) < 0.4;
      if (pen && !broken) ink.lineTo(x, y);
      else ink.moveTo(x, y);
      pen = !broken;
    }
    ink.stroke();
  }
  ink.restore();
  foam(ink, draw, crest, near, width, base, tall);
}

function foam(ink: Ink, draw: Draw, crest: (x: number) => number, near: number, width: number, base: number, tall: number): void {
  ink.strokeStyle = hsl(48, 50, 97, 0.9);
  ink.lineWidth = 1.4 + near * 3.4;
  ink.beginPath();
  for (let x = 0; x <= width; x += 4) {
    const y = crest(x);
    if (base - y > tall * 0.34) ink.lineTo(x, y);
    else ink.moveTo(x + 4, crest(x + 4));
  }
  ink.stroke();
  const count = Math.round(width * (0.16 + near * 0.3));
  for (let i = 0; i < count; i++) {
    const x = draw() * width;
    const y = crest(x);
    const high = (base - y) / tall;
    if (high < 0.42) continue;
    ink.fillStyle = hsl(46, 55, 97, draw.between(0.5, 0.98));
    dot(
      ink,
      x + draw.between(-6, 14) * near,
      y - draw.between(-9, 17) * (0.25 + near),
      (0.7 + near * 3.6) * draw.between(0.4, 1.2),
    );
  }
  // Curls where the crest is highest: the hand of the printmaker.
  for (let x = 6; x < width; x += 7 + near * 15) {
    const y = crest(x);
    if ((base - y) / tall < 0.7) continue;
    const size = (2.5 + near * 10) * draw.between(0.7, 1.2);
    ink.strokeStyle = hsl(44, 60, 98, 0.95);
    ink.lineWidth = 0.9 + near * 2;
    ink.beginPath();
    ink.arc(x, y + size * 0.6, size, Math.PI * 1.05, Math.PI * draw.between(1.8, 2.5));
    ink.stroke();
  }
}

function cloud(ink: Ink, draw: Draw, x: number, y: number): void {
  const long = draw.between(50, 190);
  ink.lineCap = "round";
  for (let line = 0; line < 5; line++) {
    ink.strokeStyle = line % 2 === 0 ? hsl(36, 80, 96, 0.72) : hsl(draw.between(8, 30), 70, draw.between(72, 84), 0.6);
    ink.lineWidth = draw.between(1.4, 5);
    const left = x + draw.between(-0.4, 0.2) * long;
    ink.beginPath();
    ink.moveTo(left, y + line * 4);
    ink.quadraticCurveTo(left + long / 2, y + line * 4 + draw.between(-7, 3), left + long * draw.between(0.6, 1), y + line * 4);
    ink.stroke();
  }
}
