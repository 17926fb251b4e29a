/** Ridges at dusk: hill behind hill, each paler than the one before it, under a sky with streaks and first stars. */
import { draws } from "../../puzzle/seeded.ts";
import { brushed, disc } from "./brush.ts";
import { dot, glow, hsl, type Paint } from "./ink.ts";
import { layered } from "./noise.ts";

const LAYERS = 8;
const FACE_STROKES = 1400;

export const paintRidges: Paint = (ink, width, height, seed) => {
  const draw = draws(seed);
  const horizon = height * 0.5;
  const sun = { x: width * draw.between(0.3, 0.7), y: height * 0.43 };
  brushed(ink, draw, {
    seed,
    width,
    top: 0,
    bottom: height * 0.62,
    stray: 10,
    stops: [
      [0, 243, 47, 17],
      [0.22, 262, 42, 27],
      [0.43, 303, 34, 40],
      [0.61, 348, 60, 58],
      [0.74, 22, 88, 66],
      [0.9, 42, 96, 78],
      [1, 36, 86, 72],
    ],
  });

  for (let i = 0; i < 800; i++) {
    const y = height * 0.36 * draw() ** 1.6;
    ink.fillStyle = hsl(draw.between(200, 280), 60, 94, (1 - y / (height * 0.36)) * draw.between(0.25, 0.95));
    dot(ink, draw() * width, y, draw.between(0.5, 1.9));
  }

  glow(ink, sun.x, sun.y, height * 0.55, hsl(34, 100, 76, 0.55), hsl(14, 90, 60, 0));
  disc(ink, draw, sun.x, sun.y, height * 0.062, [44, 100, 86]);

  // Cloud streaks: lens shapes, lit from below where they are near the sun.
  for (let i = 0; i < 230; i++) {
    const y = height * draw.between(0.005, 0.48);
    const x = draw() * width;
    const near = 1 - Math.min(1, Math.hypot(x - sun.x, (y - sun.y) * 1.6) / (height * 0.75));
    const long = draw.between(50, 300);
    const thick = draw.between(1.5, 11);
    ink.fillStyle = hsl(350 + near * 52, 45 + near * 45, 38 + near * 38 + draw.between(-8, 8), draw.between(0.13, 0.42));
    ink.beginPath();
    ink.moveTo(x - long, y);
    ink.bezierCurveTo(
      x - long * 0.4,
      y - thick,
      x + long * 0.3,
      y - thick * draw.between(0.3, 1.3),
      x + long,
      y + draw.between(-6, 6),
    );
    ink.bezierCurveTo(x + long * 0.4, y + thick * 0.8, x - long * 0.3, y + thick * draw.between(0.4, 1.2), x - long, y);
    ink.fill();
  }

  for (let layer = 0; layer < LAYERS; layer++) {
    const depth = layer / (LAYERS - 1);
    const base = horizon + height * (depth * 0.43 - 0.03);
    const rough = height * (0.1 + depth * 0.1);
    const grain = 2.1 + (1 - depth) * 2.4;
    const line = (x: number): number =>
      base -
      rough * (layered(seed + layer * 977, (x / width) * grain + layer * 9.1, 0, 6) - 0.32) * 1.5 -
      (layer === LAYERS - 1 ? 0 : 6);
    const hue = 22 - depth * 120;
    const light = 62 - depth * 44;
    const fill = ink.createLinearGradient(0, base - rough, 0, base + height * 0.24);
    fill.addColorStop(0, hsl(hue, 46 - depth * 14, light));
    fill.addColorStop(1, hsl(hue + 16, 62 - depth * 30, Math.min(84, light + 17 - depth * 9)));
    ink.fillStyle = fill;
    ink.beginPath();
    ink.moveTo(0, height);
    for (let x = 0; x <= width + 3; x += 3) ink.lineTo(x, line(x));
    ink.lineTo(width, height);
    ink.fill();

    // The face of the ridge, laid on in strokes that lean down its slopes.
    ink.save();
    ink.clip();
    ink.lineCap = "round";
    for (let i = 0; i < FACE_STROKES; i++) {
      const x = draw() * width;
      const y = line(x) + draw() * height * 0.24;
      const lean = Math.max(-1.2, Math.min(1.2, (line(x + 20) - line(x)) / 20));
      const long = draw.between(7, 22);
      const drift = layered(seed + layer, x / 120, y / 120, 2) - 0.5;
      ink.strokeStyle = hsl(
        hue + drift * 40 + draw.between(-9, 9),
        50 - depth * 14 + draw.between(-10, 10),
        light + drift * 22 + draw.between(-8, 9),
        draw.between(0.3, 0.8),
      );
      ink.lineWidth = draw.between(2, 6.5);
      ink.beginPath();
      ink.moveTo(x - long, y - long * lean);
      ink.quadraticCurveTo(x, y + draw.between(-3, 5), x + long, y + long * lean);
      ink.stroke();
    }
    ink.restore();

    // Light on the edge that faces the sun, and gullies running down from the line.
    ink.lineWidth = 1.6;
    for (let x = 0; x < width; x += 5) {
      const y = line(x);
      const slope = line(x + 5) - y;
      const facing = (sun.x - x) * slope < 0;
      ink.strokeStyle = facing ? hsl(hue + 24, 80, light + 20, 0.5) : hsl(hue - 20, 50, light * 0.55, 0.35);
      ink.beginPath();
      ink.moveTo(x, y + 1);
      ink.lineTo(x + 5, y + slope + 1);
      ink.stroke();
    }
    for (let i = 0; i < 260; i++) {
      let x = draw() * width;
      let y = line(x) + draw() ** 1.3 * height * 0.19;
      const lit = draw() < 0.5;
      ink.strokeStyle = hsl(
        hue + (lit ? 22 : -14),
        52,
        lit ? light + draw.between(5, 15) : light * draw.between(0.6, 0.85),
        draw.between(0.2, 0.55),
      );
      ink.lineWidth = draw.between(0.8, 2.6);
      ink.beginPath();
      ink.moveTo(x, y);
      for (let step = 0; step < 4; step++) {
        x += draw.between(-8, 8);
        y += draw.between(5, 17);
        ink.lineTo(x, y);
      }
      ink.stroke();
    }
    if (depth > 0.4) forest(layer, depth, hue, light, line);
  }
  fireflies();

  function forest(layer: number, depth: number, hue: number, light: number, line: (x: number) => number): void {
    const trees = draws(seed + layer * 31);
    const nearest = layer === LAYERS - 1;
    const count = Math.round(width * (0.28 + depth * 0.2 + (nearest ? 0.25 : 0)));
    for (let i = 0; i < count; i++) {
      const x = trees() * width;
      const down = trees() ** (nearest ? 1 : 1.3) * height * (nearest ? 0.3 : 0.16);
      const tall = (8 + depth * 34) * trees.between(0.55, 1.25) * (0.75 + down / (height * 0.3));
      const foot = line(x) + down;
      ink.fillStyle = hsl(hue - 8 + trees.between(-16, 16), 38, Math.max(3, light * trees.between(0.4, 1.75)), 0.92);
      ink.beginPath();
      ink.moveTo(x, foot - tall);
      for (let tier = 1; tier <= 3; tier++) {
        const reach = (tall * 0.13 * tier) / 1.4;
        ink.lineTo(x + reach, foot - tall + (tall * tier) / 3);
        ink.lineTo(x + reach * 0.5, foot - tall + (tall * tier) / 3);
      }
      for (let tier = 3; tier >= 1; tier--) {
        const reach = (tall * 0.13 * tier) / 1.4;
        ink.lineTo(x - reach * 0.5, foot - tall + (tall * tier) / 3);
        ink.lineTo(x - reach, foot - tall + (tall * tier) / 3);
      }
      ink.fill();
    }
  }

  /** Small lights in the dark woods, each with its glow. */
  function fireflies(): void {
    const lights = draws(seed + 4242);
    for (let i = 0; i < 190; i++) {
      const x = lights() * width;
      const y = height * (1 - lights() ** 1.4 * 0.33);
      const size = lights.between(1.2, 3.1);
      const hue = lights.between(34, 62);
      glow(ink, x, y, size * 5.5, hsl(hue, 100, 68, 0.5), hsl(hue, 100, 60, 0));
      ink.fillStyle = hsl(hue, 100, 84);
      dot(ink, x, y, size);
    }
  }
};
