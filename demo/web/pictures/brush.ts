/** Paint laid on in strokes: what keeps a sky from being one colour, so that every piece of it is like no other. */
import type { Draw } from "../../puzzle/seeded.ts";
import { hsl, type Ink } from "./ink.ts";
import { layered } from "./noise.ts";

/** Hue, saturation and lightness at a height, 0 at the top and 1 at the bottom. */
export type Stop = readonly [at: number, hue: number, saturation: number, light: number];

export interface Strokes {
  readonly seed: number;
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
  readonly stops: readonly [Stop, ...Stop[]];
  /** How far hue and lightness stray from stroke to stroke, and drift from place to place. */
  readonly stray: number;
}

/** One stroke to so much area. */
const AREA = 210;
/** How far apart (units) the drift of colour and direction changes. */
const DRIFT = 170;

/** Fills a band with strokes that flow together, in the colours of a sky. */
export function brushed(ink: Ink, draw: Draw, { seed, width, top, bottom, stops, stray }: Strokes): void {
  const fill = ink.createLinearGradient(0, top, 0, bottom);
  for (const [at, hue, saturation, light] of stops) fill.addColorStop(at, hsl(hue, saturation, light));
  ink.fillStyle = fill;
  ink.fillRect(0, top, width, bottom - top);
  ink.lineCap = "round";
  const count = Math.round((width * (bottom - top)) / AREA);
  for (let i = 0; i < count; i++) {
    const x = draw() * width;
    const y = top + draw() * (bottom - top);
    const [hue, saturation, light] = at(stops, (y - top) / (bottom - top));
    const drift = layered(seed, x / DRIFT, y / DRIFT, 2) - 0.5;
    const angle = (layered(seed + 7, x / (DRIFT * 2), y / (DRIFT * 1.2), 2) - 0.5) * 1.9;
    const long = draw.between(9, 34);
    ink.strokeStyle = hsl(
      hue + drift * stray * 4 + draw.between(-1, 1) * stray * 1.2,
      saturation + draw.between(-10, 10),
      light + drift * stray * 2.2 + draw.between(-1, 1) * stray,
      draw.between(0.35, 0.85),
    );
    ink.lineWidth = draw.between(2.2, 8);
    ink.beginPath();
    ink.moveTo(x - Math.cos(angle) * long, y - Math.sin(angle) * long * 0.5);
    ink.quadraticCurveTo(x, y + draw.between(-4, 4), x + Math.cos(angle) * long, y + Math.sin(angle) * long * 0.5);
    ink.stroke();
  }
}

function at(stops: Strokes["stops"], part: number): readonly [number, number, number] {
  const next = stops.findIndex(([where]) => where >= part);
  const [to, hue, saturation, light] = stops[next] ?? stops.at(-1) ?? stops[0];
  const [from, hue0, saturation0, light0] = stops[Math.max(0, next - 1)] ?? stops[0];
  const s = to === from ? 0 : (part - from) / (to - from);
  // Round the colour circle by the shorter way.
  const turn = ((hue - hue0 + 540) % 360) - 180;
  return [hue0 + turn * s, saturation0 + (saturation - saturation0) * s, light0 + (light - light0) * s];
}

/** A sun or a moon, laid on in curved strokes. */
export function disc(
  ink: Ink,
  draw: Draw,
  x: number,
  y: number,
  radius: number,
  [hue, saturation, light]: readonly [number, number, number],
): void {
  ink.save();
  ink.beginPath();
  ink.arc(x, y, radius, 0, Math.PI * 2);
  ink.fillStyle = hsl(hue, saturation, light);
  ink.fill();
  ink.clip();
  for (let i = 0; i < radius * 3; i++) {
    const far = radius * Math.sqrt(draw());
    const from = draw() * Math.PI * 2;
    ink.strokeStyle = hsl(hue + draw.between(-14, 14), saturation, light + draw.between(-11, 9), draw.between(0.3, 0.75));
    ink.lineWidth = draw.between(1.5, 6);
    ink.beginPath();
    ink.arc(x, y, far, from, from + draw.between(0.2, 0.8));
    ink.stroke();
  }
  ink.restore();
}
