/** A meadow: flowers and grasses, small and many far away, large and near in front, under a summer sky. */
import { draws, type Draw } from "../../puzzle/seeded.ts";
import { brushed } from "./brush.ts";
import { dot, glow, hsl, type Ink, type Paint } from "./ink.ts";
import { layered } from "./noise.ts";

const ROWS = 46;

export const paintMeadow: Paint = (ink, width, height, seed) => {
  const draw = draws(seed);
  const horizon = height * 0.27;
  brushed(ink, draw, {
    seed,
    width,
    top: 0,
    bottom: horizon + 30,
    stray: 11,
    stops: [
      [0, 208, 74, 58],
      [0.6, 196, 70, 76],
      [1, 182, 60, 87],
    ],
  });
  glow(ink, width * draw.between(0.2, 0.8), height * 0.09, height * 0.4, hsl(50, 100, 95, 0.5), hsl(48, 100, 85, 0));
  for (let i = 0; i < 26; i++) cloud(ink, draw, draw() * width, draw.between(0.06, 0.85) * horizon);
  hills(ink, draw, width, horizon, seed);

  for (let row = 0; row < ROWS; row++) {
    const near = row / (ROWS - 1);
    const y = horizon + (height * 1.06 - horizon) * near ** 1.5;
    const size = 5 + near ** 1.25 * 62;
    grasses(ink, draw, width, y, size, near);
    flowers(ink, draw, width, y, size, near, seed);
  }
  for (let i = 0; i < 16; i++) butterfly(ink, draw, draw() * width, height * draw.between(0.24, 0.85));
};

function cloud(ink: Ink, draw: Draw, x: number, y: number): void {
  const long = draw.between(40, 130);
  for (let puff = 0; puff < 9; puff++) {
    const light = draw.between(88, 100);
    ink.fillStyle = hsl(210, 40, light, draw.between(0.16, 0.42));
    ink.beginPath();
    ink.ellipse(
      x + draw.between(-long, long),
      y + draw.between(-7, 9),
      draw.between(16, 52),
      draw.between(6, 17),
      0,
      0,
      Math.PI * 2,
    );
    ink.fill();
  }
}

function hills(ink: Ink, draw: Draw, width: number, horizon: number, seed: number): void {
  for (let layer = 0; layer < 4; layer++) {
    const line = (x: number): number =>
      horizon + layer * 9 - (46 - layer * 9) * layered(seed + layer * 50, x / 260 + layer * 7, 0, 4);
    ink.fillStyle = hsl(168 - layer * 22, 30 + layer * 6, 60 - layer * 7);
    ink.beginPath();
    ink.moveTo(0, horizon + 60);
    for (let x = 0; x <= width + 4; x += 4) ink.lineTo(x, line(x));
    ink.lineTo(width, horizon + 60);
    ink.fill();
    for (let i = 0; i < width * 0.24; i++) {
      const x = draw() * width;
      ink.fillStyle = hsl(150 - layer * 16 + draw.between(-18, 18), 34, draw.between(30, 52) - layer * 3, 0.85);
      dot(ink, x, line(x) + draw.between(0, 26), draw.between(1.6, 4.6 + layer));
    }
  }
}

function grasses(ink: Ink, draw: Draw, width: number, y: number, size: number, near: number): void {
  ink.fillStyle = hsl(88 + near * 18, 46, 47 - near * 20);
  ink.fillRect(0, y - size * 0.3, width, size * 1.5);
  const count = Math.round((width / size) * 9);
  ink.lineCap = "round";
  for (let i = 0; i < count; i++) {
    const x = draw() * width;
    const foot = y + draw.between(-0.2, 0.8) * size;
    const tall = size * draw.between(0.7, 1.7);
    const bend = draw.between(-0.5, 0.5) * tall;
    ink.strokeStyle = hsl(draw.between(64, 128), draw.between(35, 66), draw.between(22, 60) - near * 9, 0.9);
    ink.lineWidth = Math.max(0.8, size * draw.between(0.03, 0.075));
    ink.beginPath();
    ink.moveTo(x, foot);
    ink.quadraticCurveTo(x + bend * 0.15, foot - tall * 0.65, x + bend, foot - tall);
    ink.stroke();
  }
}

function flowers(ink: Ink, draw: Draw, width: number, y: number, size: number, near: number, seed: number): void {
  const count = Math.round((width / size) * 2.3);
  for (let i = 0; i < count; i++) {
    const x = draw() * width;
    const at = y - draw.between(-0.5, 1.15) * size;
    // Kinds grow in drifts.
    const drift = layered(seed + 77, x / 300 + near, y / 170, 2) + draw.between(-0.13, 0.13);
    const radius = size * draw.between(0.15, 0.3);
    if (drift < 0.4) poppy(ink, draw, x, at, radius);
    else if (drift < 0.5) daisy(ink, draw, x, at, radius);
    else if (drift < 0.58) bells(ink, draw, x, at, radius, 226);
    else if (drift < 0.66) daisy(ink, draw, x, at, radius * 0.8, 48);
    else bells(ink, draw, x, at, radius, 300);
  }
}

function poppy(ink: Ink, draw: Draw, x: number, y: number, radius: number): void {
  const hue = draw.between(-8, 16);
  for (let petal = 0; petal < 4; petal++) {
    const angle = (petal / 4) * Math.PI * 2 + draw.between(-0.35, 0.35);
    ink.fillStyle = hsl(hue, 86, draw.between(46, 62));
    ink.beginPath();
    ink.ellipse(
      x + Math.cos(angle) * radius * 0.5,
      y + Math.sin(angle) * radius * 0.36,
      radius * 0.72,
      radius * 0.6,
      angle,
      0,
      Math.PI * 2,
    );
    ink.fill();
  }
  ink.fillStyle = hsl(280, 22, 15);
  dot(ink, x, y, radius * 0.26);
}

function daisy(ink: Ink, draw: Draw, x: number, y: number, radius: number, hue?: number): void {
  const petals = 9 + draw.below(5);
  const turn = draw() * Math.PI;
  ink.fillStyle =
    hue === undefined ? hsl(50, 40, draw.between(92, 99)) : hsl(hue + draw.between(-6, 6), 95, draw.between(54, 66));
  for (let petal = 0; petal < petals; petal++) {
    const angle = turn + (petal / petals) * Math.PI * 2;
    ink.beginPath();
    ink.ellipse(
      x + Math.cos(angle) * radius * 0.62,
      y + Math.sin(angle) * radius * 0.5,
      radius * 0.46,
      radius * 0.17,
      angle,
      0,
      Math.PI * 2,
    );
    ink.fill();
  }
  ink.fillStyle = hue === undefined ? hsl(44, 95, 54) : hsl(24, 85, 42);
  dot(ink, x, y, radius * 0.3);
}

function bells(ink: Ink, draw: Draw, x: number, y: number, radius: number, hue: number): void {
  for (let bell = 0; bell < 9; bell++) {
    ink.fillStyle = hsl(hue + draw.between(-16, 16), draw.between(52, 80), draw.between(46, 74));
    dot(ink, x + draw.between(-0.42, 0.42) * radius, y + (bell / 9) * radius * 2.2 - radius, radius * draw.between(0.18, 0.33));
  }
}

function butterfly(ink: Ink, draw: Draw, x: number, y: number): void {
  const size = draw.between(7, 20);
  const hue = draw.pick([28, 48, 205, 320, 12]);
  ink.save();
  ink.translate(x, y);
  ink.rotate(draw.between(-0.9, 0.9));
  for (const side of [-1, 1]) {
    ink.fillStyle = hsl(hue, 88, 60);
    ink.strokeStyle = hsl(hue, 60, 18);
    ink.lineWidth = size * 0.09;
    ink.beginPath();
    ink.ellipse(side * size * 0.55, -size * 0.25, size * 0.6, size * 0.42, side * -0.6, 0, Math.PI * 2);
    ink.ellipse(side * size * 0.42, size * 0.38, size * 0.42, size * 0.3, side * 0.6, 0, Math.PI * 2);
    ink.fill();
    ink.stroke();
  }
  ink.fillStyle = hsl(30, 30, 12);
  ink.fillRect(-size * 0.06, -size * 0.5, size * 0.12, size);
  ink.restore();
}
