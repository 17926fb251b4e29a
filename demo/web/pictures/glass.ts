/** Stained glass: a rose of rings and petals broken into panes, each with a colour and a flow of its own, set in lead. */
import { draws, type Draw } from "../../puzzle/seeded.ts";
import { hsl, type Ink, type Paint } from "./ink.ts";
import { noise } from "./noise.ts";

type Spot = readonly [x: number, y: number];

export const paintGlass: Paint = (ink, width, height, seed) => {
  const draw = draws(seed);
  const middle: Spot = [width * draw.between(0.42, 0.58), height * draw.between(0.44, 0.56)];
  const petals = 9 + draw.below(5);
  ink.fillStyle = "#17151c";
  ink.fillRect(0, 0, width, height);

  const seeds = sow(draw, width, height, middle, petals);
  const near = nearby(seeds, width);
  for (const spot of seeds) {
    const pane = cell(spot, near(spot), width, height);
    if (pane.length > 2) glaze(ink, draw, pane, colourOf(draw, spot, middle, petals, height, seed));
  }
};

/** Pane centres: rings of petals in the middle, scattered and ever larger towards the edge. */
function sow(draw: Draw, width: number, height: number, [cx, cy]: Spot, petals: number): Spot[] {
  const seeds: Spot[] = [[cx, cy]];
  const reach = Math.hypot(width, height) * 0.62;
  for (let ring = 1, radius = 26; radius < reach; ring++, radius += 25 + ring * 1.5) {
    const count = petals * Math.ceil(ring * 0.62);
    for (let i = 0; i < count; i++) {
      const angle = ((i + (ring % 2) / 2) / count) * Math.PI * 2 + draw.between(-0.35, 0.35) / count;
      const off = radius + draw.between(-5, 5);
      const x = cx + Math.cos(angle) * off;
      const y = cy + Math.sin(angle) * off;
      if (x > -40 && y > -40 && x < width + 40 && y < height + 40) seeds.push([x, y]);
    }
  }
  return seeds;
}

function nearby(seeds: readonly Spot[], width: number): (spot: Spot) => Spot[] {
  const size = 90;
  const cols = Math.ceil((width + 200) / size);
  const buckets = new Map<number, Spot[]>();
  const key = (x: number, y: number): number => Math.floor((y + 100) / size) * cols + Math.floor((x + 100) / size);
  for (const spot of seeds) {
    const at = key(spot[0], spot[1]);
    buckets.set(at, [...(buckets.get(at) ?? []), spot]);
  }
  return ([x, y]) => {
    const found: Spot[] = [];
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++) found.push(...(buckets.get(key(x + dx * size, y + dy * size)) ?? []));
    return found;
  };
}

/** The Voronoi cell: the picture, cut by the bisector to every neighbour. */
function cell(spot: Spot, others: readonly Spot[], width: number, height: number): Spot[] {
  let shape: Spot[] = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
  for (const other of others) {
    if (other === spot) continue;
    const nx = other[0] - spot[0];
    const ny = other[1] - spot[1];
    const limit = (nx * (other[0] + spot[0]) + ny * (other[1] + spot[1])) / 2;
    const side = ([x, y]: Spot): number => nx * x + ny * y - limit;
    const kept: Spot[] = [];
    shape.forEach((point, i) => {
      const next = shape[(i + 1) % shape.length]!;
      const a = side(point);
      const b = side(next);
      if (a <= 0) kept.push(point);
      if (a < 0 !== b < 0)
        kept.push([point[0] + ((next[0] - point[0]) * a) / (a - b), point[1] + ((next[1] - point[1]) * a) / (a - b)]);
    });
    shape = kept;
    if (shape.length < 3) return [];
  }
  return shape;
}

interface Tone {
  readonly hue: number;
  readonly saturation: number;
  readonly light: number;
}

function colourOf(draw: Draw, [x, y]: Spot, [cx, cy]: Spot, petals: number, height: number, seed: number): Tone {
  const far = Math.hypot(x - cx, y - cy) / height;
  const angle = Math.atan2(y - cy, x - cx) / (Math.PI * 2) + 0.5;
  const petal = Math.sin(angle * petals * Math.PI * 2 + far * 4);
  const drift = noise(seed, x / 190, y / 190) * 80 - 40;
  const bands = [44, 12, 350, 205, 228, 168, 268, 196, 318] as const;
  const band = bands[Math.min(bands.length - 1, Math.floor(far * 10.5))] ?? 200;
  const hue = band + drift + (petal > 0.2 ? 0 : petal < -0.5 ? 46 : 20) + draw.between(-17, 17);
  return { hue, saturation: draw.between(62, 92), light: draw.between(38, 62) + (far < 0.12 ? 16 : 0) };
}

function glaze(ink: Ink, draw: Draw, pane: readonly Spot[], { hue, saturation, light }: Tone): void {
  const outline = new Path2D();
  pane.forEach(([x, y], i) => (i === 0 ? outline.moveTo(x, y) : outline.lineTo(x, y)));
  outline.closePath();
  const xs = pane.map(([x]) => x);
  const ys = pane.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const fill = ink.createLinearGradient(left, top, draw() < 0.5 ? right : left, bottom);
  fill.addColorStop(0, hsl(hue - 9, saturation, light + 13));
  fill.addColorStop(0.55, hsl(hue, saturation, light));
  fill.addColorStop(1, hsl(hue + 13, saturation, light - 13));
  ink.save();
  ink.clip(outline);
  ink.fillStyle = fill;
  ink.fillRect(left, top, right - left, bottom - top);
  // The glass was drawn: streaks along one direction, and a bubble here and there.
  const lean = draw.between(-1, 1);
  for (let streak = 0; streak < 5; streak++) {
    const y = draw.between(top - 12, bottom + 12);
    ink.strokeStyle =
      draw() < 0.6
        ? hsl(hue, saturation, 90, draw.between(0.08, 0.32))
        : hsl(hue + 20, saturation, light * 0.5, draw.between(0.1, 0.36));
    ink.lineWidth = draw.between(0.8, 5);
    ink.beginPath();
    ink.moveTo(left, y);
    ink.bezierCurveTo(
      left + (right - left) * 0.3,
      y + draw.between(-9, 9),
      left + (right - left) * 0.6,
      y + lean * 14,
      right,
      y + lean * 20,
    );
    ink.stroke();
  }
  ink.restore();
  ink.lineJoin = "round";
  ink.strokeStyle = "#17151c";
  ink.lineWidth = 5;
  ink.stroke(outline);
  ink.strokeStyle = "rgb(150 150 170 / .28)";
  ink.lineWidth = 1.1;
  ink.stroke(outline);
}
