/** A topographic map: tinted heights, contour lines, lakes, streams, woods, paths and their names. */
import { draws, hash, type Draw } from "../../puzzle/seeded.ts";
import { dot, type Ink, type Paint } from "./ink.ts";
import { layered } from "./noise.ts";

/** From one sample of the ground to the next, in units of the picture. */
const STEP = 5;
const LEVELS = 34;
const LAKE = 0.335;
const TINTS = [
  "#a9cf9f",
  "#b9d7a0",
  "#cfdfa6",
  "#e3e4ad",
  "#efdfa6",
  "#ebcd92",
  "#deb47d",
  "#cd9a6c",
  "#b98262",
  "#d9c4b4",
  "#f4efe8",
] as const;
const WATER = "#8fc3d9";

interface Ground {
  readonly cols: number;
  readonly rows: number;
  at(col: number, row: number): number;
}

export const paintTopographic: Paint = (ink, width, height, seed) => {
  const draw = draws(seed);
  const ground = survey(width, height, seed);
  tint(ink, ground);
  ink.lineJoin = "round";
  for (let level = 1; level < LEVELS; level++) {
    const bold = level % 5 === 0;
    const value = level / LEVELS;
    ink.strokeStyle = value < LAKE ? "rgb(40 96 130 / .5)" : bold ? "rgb(120 66 32 / .82)" : "rgb(138 84 46 / .5)";
    ink.lineWidth = bold ? 2 : 1;
    ink.stroke(contour(ground, value));
  }
  ink.strokeStyle = "#3f84a8";
  ink.lineWidth = 2.6;
  ink.stroke(contour(ground, LAKE));

  woods(ink, draw, ground, width, height);
  for (let i = 0; i < 26; i++) stream(ink, draw, ground, draw() * width, draw() * height);
  for (let i = 0; i < 7; i++) path(ink, draw, ground, width, height, i < 3);
  gridLines(ink, width, height);
  names(ink, draw, ground, width, height);
};

function survey(width: number, height: number, seed: number): Ground {
  const cols = Math.ceil(width / STEP) + 1;
  const rows = Math.ceil(height / STEP) + 1;
  const heights = new Float32Array(cols * rows);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      const x = (col * STEP) / 250;
      const y = (row * STEP) / 250;
      const bend = layered(seed + 5, x * 0.8, y * 0.8, 2) * 1.3;
      const ridge = 1 - Math.abs(layered(seed + 9, x * 0.75 + bend, y * 0.75, 3) * 2 - 1);
      heights[row * cols + col] = Math.min(
        0.99,
        Math.max(0.01, layered(seed, x + bend, y + bend, 5) * 0.95 + (ridge - 0.62) * 0.42),
      );
    }
  return {
    cols,
    rows,
    at: (col, row) => heights[Math.max(0, Math.min(rows - 1, row)) * cols + Math.max(0, Math.min(cols - 1, col))]!,
  };
}

const heightAt = (ground: Ground, x: number, y: number): number => ground.at(Math.round(x / STEP), Math.round(y / STEP));

/** Bands of height, shaded as if lit from the north-west. */
function tint(ink: Ink, ground: Ground): void {
  const parse = (colour: string): number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const bands = TINTS.map(parse);
  const water = parse(WATER);
  const image = ink.createImageData(ground.cols, ground.rows);
  for (let row = 0; row < ground.rows; row++)
    for (let col = 0; col < ground.cols; col++) {
      const value = ground.at(col, row);
      const light = (ground.at(col + 1, row + 1) - ground.at(col - 1, row - 1)) * -900;
      const dry = (value - LAKE) / (0.86 - LAKE);
      const colour = value < LAKE ? water : bands[Math.min(bands.length - 1, Math.floor(dry * bands.length))]!;
      const shade = value < LAKE ? (value - LAKE) * 190 : Math.max(-30, Math.min(26, light));
      const at = (row * ground.cols + col) * 4;
      for (let channel = 0; channel < 3; channel++) image.data[at + channel] = colour[channel]! + shade;
      image.data[at + 3] = 255;
    }
  const small = new OffscreenCanvas(ground.cols, ground.rows);
  small.getContext("2d")!.putImageData(image, 0, 0);
  ink.imageSmoothingQuality = "high";
  ink.drawImage(small, -STEP / 2, -STEP / 2, ground.cols * STEP, ground.rows * STEP);
}

/** Marching squares: where the ground passes `value`. */
function contour(ground: Ground, value: number): Path2D {
  const line = new Path2D();
  const between = (a: number, b: number): number => (value - a) / (b - a);
  for (let row = 0; row < ground.rows - 1; row++)
    for (let col = 0; col < ground.cols - 1; col++) {
      const nw = ground.at(col, row);
      const ne = ground.at(col + 1, row);
      const se = ground.at(col + 1, row + 1);
      const sw = ground.at(col, row + 1);
      const ends: number[] = [];
      if (nw > value !== ne > value) ends.push(col + between(nw, ne), row);
      if (ne > value !== se > value) ends.push(col + 1, row + between(ne, se));
      if (sw > value !== se > value) ends.push(col + between(sw, se), row + 1);
      if (nw > value !== sw > value) ends.push(col, row + between(nw, sw));
      for (let i = 0; i + 3 < ends.length; i += 4) {
        line.moveTo(ends[i]! * STEP, ends[i + 1]! * STEP);
        line.lineTo(ends[i + 2]! * STEP, ends[i + 3]! * STEP);
      }
    }
  return line;
}

function woods(ink: Ink, draw: Draw, ground: Ground, width: number, height: number): void {
  const seed = draw.below(1e6);
  for (let i = 0; i < width * 2.2; i++) {
    const x = draw() * width;
    const y = draw() * height;
    const value = heightAt(ground, x, y);
    if (value < LAKE + 0.02 || value > 0.63 || layered(seed, x / 130, y / 130, 3) < 0.52) continue;
    ink.fillStyle = `rgb(${60 + draw.below(40)} ${118 + draw.below(40)} ${70 + draw.below(24)} / .75)`;
    const size = draw.between(3, 5.5);
    if (draw() < 0.5) dot(ink, x, y, size * 0.72);
    else {
      ink.beginPath();
      ink.moveTo(x, y - size * 1.5);
      ink.lineTo(x + size * 0.8, y + size * 0.6);
      ink.lineTo(x - size * 0.8, y + size * 0.6);
      ink.fill();
    }
  }
}

/** Water runs down the steepest way until it meets a lake. */
function stream(ink: Ink, draw: Draw, ground: Ground, fromX: number, fromY: number): void {
  let x = fromX;
  let y = fromY;
  if (heightAt(ground, x, y) < 0.5) return;
  ink.strokeStyle = "#4d93b8";
  ink.lineWidth = draw.between(1.4, 2.4);
  ink.beginPath();
  ink.moveTo(x, y);
  for (let step = 0; step < 140; step++) {
    let best = { drop: -Infinity, angle: 0 };
    for (let i = 0; i < 12; i++) {
      const angle = (i / 12) * Math.PI * 2;
      const drop = heightAt(ground, x, y) - heightAt(ground, x + Math.cos(angle) * 14, y + Math.sin(angle) * 14);
      if (drop > best.drop) best = { drop, angle };
    }
    if (best.drop <= 0.0005) break;
    x += Math.cos(best.angle) * 7;
    y += Math.sin(best.angle) * 7;
    ink.lineTo(x, y);
    if (heightAt(ground, x, y) < LAKE) break;
  }
  ink.stroke();
}

function path(ink: Ink, draw: Draw, ground: Ground, width: number, height: number, road: boolean): void {
  const across = draw() < 0.6;
  let x = across ? -10 : draw() * width;
  let y = across ? draw() * height : -10;
  let heading = across ? 0 : Math.PI / 2;
  const way = new Path2D();
  way.moveTo(x, y);
  for (let step = 0; step < 240 && x < width + 20 && y < height + 20; step++) {
    // Keeps to its height where it can, and roughly to its direction.
    let best = { cost: Infinity, angle: heading };
    for (let i = -3; i <= 3; i++) {
      const angle = heading + i * 0.17;
      const ahead = heightAt(ground, x + Math.cos(angle) * 22, y + Math.sin(angle) * 22);
      const off = angle - (across ? 0 : Math.PI / 2);
      const cost = Math.abs(ahead - heightAt(ground, x, y)) * 9 + (ahead < LAKE + 0.01 ? 4 : 0) + off * off * 0.3 + draw() * 0.12;
      if (cost < best.cost) best = { cost, angle };
    }
    heading = best.angle;
    x += Math.cos(heading) * 12;
    y += Math.sin(heading) * 12;
    way.lineTo(x, y);
  }
  ink.lineJoin = "round";
  if (road) {
    ink.strokeStyle = "#6b3f34";
    ink.lineWidth = 6;
    ink.stroke(way);
    ink.strokeStyle = draw() < 0.5 ? "#f3d36b" : "#f2ede3";
    ink.lineWidth = 3.6;
    ink.stroke(way);
  } else {
    ink.setLineDash([9, 5]);
    ink.strokeStyle = "#a8352f";
    ink.lineWidth = 2;
    ink.stroke(way);
    ink.setLineDash([]);
  }
}

function gridLines(ink: Ink, width: number, height: number): void {
  ink.strokeStyle = "rgb(40 60 110 / .3)";
  ink.lineWidth = 1;
  ink.beginPath();
  for (let x = 125; x < width; x += 125) {
    ink.moveTo(x, 0);
    ink.lineTo(x, height);
  }
  for (let y = 125; y < height; y += 125) {
    ink.moveTo(0, y);
    ink.lineTo(width, y);
  }
  ink.stroke();
}

function names(ink: Ink, draw: Draw, ground: Ground, width: number, height: number): void {
  const first = [
    "Al",
    "Bren",
    "Cor",
    "Dun",
    "El",
    "Fal",
    "Gla",
    "Hol",
    "Ker",
    "Lin",
    "Mor",
    "Nor",
    "Os",
    "Pen",
    "Ross",
    "Tar",
    "Ul",
    "Wen",
  ] as const;
  const last = [
    "dale",
    "fell",
    "garth",
    "how",
    "mere",
    "rigg",
    "scar",
    "stead",
    "tarn",
    "thwaite",
    "wick",
    "by",
    "combe",
    "nish",
    "ock",
  ] as const;
  ink.textAlign = "center";
  for (let i = 0; i < width / 26; i++) {
    const x = draw() * width;
    const y = draw() * height;
    const value = heightAt(ground, x, y);
    const name = draw.pick(first) + draw.pick(last);
    if (value < LAKE) {
      label(ink, `${name} Water`, x, y, "italic 17px Georgia, serif", "#1f5f86");
    } else if (value > 0.6) {
      ink.fillStyle = "#3a2a22";
      ink.beginPath();
      ink.moveTo(x, y - 6);
      ink.lineTo(x + 6, y + 5);
      ink.lineTo(x - 6, y + 5);
      ink.fill();
      label(ink, String(Math.round(value * 1400)), x, y + 19, "600 13px Georgia, serif", "#3a2a22");
    } else {
      village(ink, draw, x, y, i);
      label(ink, name, x, y - 13, `${draw() < 0.3 ? "700 19px" : "15px"} Georgia, serif`, "#2b2320");
    }
  }
}

function village(ink: Ink, draw: Draw, x: number, y: number, number: number): void {
  ink.fillStyle = "#8d2f2a";
  for (let house = 0; house < 4 + (number % 7); house++) {
    const size = 4 + hash(number, house) * 4;
    ink.fillRect(x + draw.between(-26, 26), y + draw.between(-7, 20), size, size * 0.8);
  }
}

function label(ink: Ink, text: string, x: number, y: number, font: string, colour: string): void {
  ink.font = font;
  ink.strokeStyle = "rgb(255 252 240 / .8)";
  ink.lineWidth = 3.4;
  ink.strokeText(text, x, y);
  ink.fillStyle = colour;
  ink.fillText(text, x, y);
}
