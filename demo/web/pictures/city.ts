/** A city of lit windows: towers behind towers at night, and their light in the river. */
import { draws, type Draw } from "../../puzzle/seeded.ts";
import { brushed, disc } from "./brush.ts";
import { dot, glow, hsl, sky, type Ink, type Paint } from "./ink.ts";

const LAYERS = 4;
const LAMPS: readonly [string, ...string[]] = [
  "#ffd98a",
  "#ffc061",
  "#fff0c4",
  "#ff9e64",
  "#a9dcff",
  "#ffe7a3",
  "#ffcf7d",
  "#d9f1ff",
];

export const paintCity: Paint = (ink, width, height, seed) => {
  const draw = draws(seed);
  const quay = height * 0.83;
  brushed(ink, draw, {
    seed,
    width,
    top: 0,
    bottom: quay,
    stray: 12,
    stops: [
      [0, 236, 56, 13],
      [0.35, 250, 48, 23],
      [0.62, 282, 40, 33],
      [0.82, 328, 48, 46],
      [1, 378, 72, 58],
    ],
  });
  const moon = { x: width * draw.between(0.12, 0.88), y: height * draw.between(0.1, 0.17) };
  glow(ink, moon.x, moon.y, height * 0.3, hsl(220, 60, 88, 0.4), hsl(230, 60, 60, 0));
  disc(ink, draw, moon.x, moon.y, height * 0.04, [48, 60, 90]);
  for (let i = 0; i < 9; i++) {
    ink.fillStyle = hsl(45, 30, 80, 0.4);
    dot(ink, moon.x + draw.between(-24, 24), moon.y + draw.between(-24, 24), draw.between(2, 7));
  }
  for (let i = 0; i < 900; i++) {
    ink.fillStyle = hsl(draw.between(190, 290), 60, 92, draw.between(0.2, 0.9));
    dot(ink, draw() * width, draw() ** 1.4 * height * 0.6, draw.between(0.5, 1.8));
  }
  for (let i = 0; i < 120; i++) {
    const y = height * draw.between(0.01, 0.56);
    const long = draw.between(60, 260);
    const x = draw() * width;
    ink.fillStyle = hsl(draw.between(235, 345), draw.between(38, 62), draw.between(26, 62), draw.between(0.14, 0.4));
    ink.beginPath();
    ink.ellipse(x, y, long, draw.between(2, 12), draw.between(-0.05, 0.05), 0, Math.PI * 2);
    ink.fill();
  }

  for (let i = 0; i < 7; i++)
    firework(ink, draw, width * draw.between(0.03, 0.97), height * draw.between(0.05, 0.42), height * draw.between(0.06, 0.16));

  for (let layer = 0; layer < LAYERS; layer++) {
    const depth = layer / (LAYERS - 1);
    for (let x = -40; x < width;) {
      const wide = draw.between(44, 74) + depth * draw.between(10, 46);
      const tall = height * draw.between(0.2, 0.6 - depth * 0.12) * (draw() < 0.15 ? 1.18 : 1) * (1 - depth * 0.12);
      tower(ink, draw, x, quay - tall, wide, tall, depth);
      x += wide + draw.between(-6, 10 - depth * 4);
    }
    ink.fillStyle = hsl(282 - depth * 30, 45, 30, 0.1 - depth * 0.02);
    ink.fillRect(0, 0, width, quay);
  }
  river(ink, draw, width, quay, height);
};

/** Rays of sparks from one point, brightest at their tips, with a few embers falling below. */
function firework(ink: Ink, draw: Draw, x: number, y: number, reach: number): void {
  const hue = draw.pick([350, 45, 190, 290, 130, 25]);
  glow(ink, x, y, reach * 1.25, hsl(hue, 90, 66, 0.3), hsl(hue, 90, 60, 0));
  const rays = 22 + draw.below(18);
  ink.lineCap = "round";
  for (let ray = 0; ray < rays; ray++) {
    const angle = (ray / rays) * Math.PI * 2 + draw.between(-0.08, 0.08);
    const far = reach * draw.between(0.65, 1);
    const from = far * draw.between(0.2, 0.45);
    const fall = far * 0.13;
    const tip = { x: x + Math.cos(angle) * far, y: y + Math.sin(angle) * far + fall };
    ink.strokeStyle = hsl(hue + draw.between(-22, 22), 95, draw.between(62, 84), draw.between(0.45, 0.95));
    ink.lineWidth = draw.between(0.9, 2.6);
    ink.beginPath();
    ink.moveTo(x + Math.cos(angle) * from, y + Math.sin(angle) * from);
    ink.quadraticCurveTo(x + Math.cos(angle) * far * 0.75, y + Math.sin(angle) * far * 0.75, tip.x, tip.y);
    ink.stroke();
    ink.fillStyle = hsl(hue, 100, 92, 0.95);
    dot(ink, tip.x, tip.y, draw.between(1, 2.9));
  }
}

function tower(ink: Ink, draw: Draw, left: number, top: number, wide: number, tall: number, depth: number): void {
  const hue = draw.between(205, 325);
  const light = 27 - depth * 15;
  const fill = ink.createLinearGradient(left, 0, left + wide, 0);
  fill.addColorStop(0, hsl(hue, 32, light + 5));
  fill.addColorStop(0.62, hsl(hue, 36, light));
  fill.addColorStop(1, hsl(hue + 12, 40, light * 0.6));
  ink.fillStyle = fill;
  ink.fillRect(left, top, wide, tall);

  roof(ink, draw, left, top, wide, hsl(hue, 34, light));

  const step = draw.between(9, 14) + depth * 4;
  const storey = step * draw.between(1.15, 1.6);
  const pane = step * draw.between(0.42, 0.68);
  const high = storey * draw.between(0.45, 0.68);
  const lit = draw.between(0.35, 0.75);
  const lamp = draw.pick(LAMPS);
  for (let y = top + storey * 0.6; y < top + tall - high; y += storey) {
    const wholeFloor = draw() < 0.07;
    for (let x = left + (step - pane); x < left + wide - pane; x += step) {
      const on = wholeFloor || draw() < lit;
      ink.fillStyle = on ? (draw() < 0.6 ? lamp : draw.pick(LAMPS)) : hsl(hue, 40, light * 0.5);
      ink.globalAlpha = on ? draw.between(0.5, 1) : 0.75;
      ink.fillRect(x, y, pane, high);
      if (on && draw() < 0.22) {
        ink.fillStyle = hsl(hue, 40, 14);
        ink.globalAlpha = 0.65;
        ink.fillRect(x + pane * draw.between(0, 0.6), y + high * draw.between(0.2, 0.5), pane * 0.34, high * 0.8);
      }
    }
  }
  ink.globalAlpha = 1;
  if (depth > 0.5 && draw() < 0.4) sign(ink, draw, left + wide * draw.between(0.1, 0.6), top + tall * draw.between(0.1, 0.45));
}

function roof(ink: Ink, draw: Draw, left: number, top: number, wide: number, colour: string): void {
  ink.fillStyle = colour;
  ink.strokeStyle = colour;
  ink.lineWidth = 2.2;
  const kind = draw();
  if (kind < 0.3) {
    ink.fillRect(left + wide * 0.18, top - 16, wide * 0.64, 17);
    ink.fillRect(left + wide * 0.34, top - 30, wide * 0.32, 16);
  } else if (kind < 0.5) {
    ink.beginPath();
    ink.moveTo(left, top + 1);
    ink.lineTo(left + wide * 0.5, top - wide * 0.55);
    ink.lineTo(left + wide, top + 1);
    ink.fill();
  } else if (kind < 0.66) {
    ink.beginPath();
    ink.ellipse(left + wide / 2, top, wide * 0.38, wide * 0.34, 0, Math.PI, 0);
    ink.fill();
  }
  if (draw() < 0.5) {
    const x = left + wide * draw.between(0.3, 0.7);
    const tip = top - draw.between(34, 80);
    ink.beginPath();
    ink.moveTo(x, top);
    ink.lineTo(x, tip);
    ink.stroke();
    glow(ink, x, tip, 13, "rgb(255 90 90 / .85)", "rgb(255 60 60 / 0)");
  }
}

function sign(ink: Ink, draw: Draw, x: number, y: number): void {
  const hue = draw.pick([330, 190, 150, 45, 280]);
  const high = draw.between(46, 100);
  glow(ink, x + 8, y + high / 2, high * 0.8, hsl(hue, 95, 62, 0.42), hsl(hue, 95, 60, 0));
  ink.strokeStyle = hsl(hue, 95, 74);
  ink.lineWidth = 2.4;
  ink.strokeRect(x, y, 17, high);
  for (let line = y + 9; line < y + high - 6; line += 11) {
    ink.beginPath();
    ink.moveTo(x + 4, line);
    ink.lineTo(x + draw.between(8, 13), line + draw.between(-2, 5));
    ink.stroke();
  }
}

function river(ink: Ink, draw: Draw, width: number, quay: number, height: number): void {
  sky(ink, width, quay, height, [
    [0, hsl(296, 40, 27)],
    [0.4, hsl(252, 46, 19)],
    [1, hsl(232, 55, 10)],
  ]);
  for (let i = 0; i < width * 1.5; i++) {
    const y = quay + draw() ** 0.8 * (height - quay);
    const near = (y - quay) / (height - quay);
    ink.fillStyle = draw() < 0.6 ? draw.pick(LAMPS) : hsl(draw.between(210, 340), 55, draw.between(25, 60));
    ink.globalAlpha = draw.between(0.1, 0.62) * (1 - near * 0.35);
    ink.fillRect(draw() * width, y, draw.between(6, 22) * (0.6 + near * 1.9), draw.between(1, 2.6) * (0.7 + near));
  }
  ink.globalAlpha = 1;
  ink.fillStyle = hsl(265, 35, 10);
  ink.fillRect(0, quay - 7, width, 10);
  for (let x = draw.between(6, 30); x < width; x += draw.between(38, 58)) {
    glow(ink, x, quay - 15, 24, "rgb(255 214 140 / .9)", "rgb(255 180 90 / 0)");
    ink.fillStyle = "#fff6da";
    dot(ink, x, quay - 15, 3);
  }
}
