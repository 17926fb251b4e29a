/** Confetti, once: paper that is thrown up, turns, and falls out of the window. */
import { COLOURS } from "../board/people.ts";

interface Flake {
  x: number;
  y: number;
  dx: number;
  dy: number;
  turn: number;
  spin: number;
  readonly size: number;
  readonly colour: string;
}

const FLAKES = 170;
/** px a second, squared */
const GRAVITY = 900;
/** What a second of air leaves of the speed. */
const AIR = 0.32;

/** Plays on the canvas; returns the way to stop it early. */
export function confetti(canvas: HTMLCanvasElement): () => void {
  const ratio = Math.min(2, devicePixelRatio);
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const ink = canvas.getContext("2d");
  if (!ink) return () => {};
  const flakes = Array.from({ length: FLAKES }, (_, i) => flake(i % 2 === 0 ? -0.02 : 1.02, width, height));
  let last = performance.now();
  let request = requestAnimationFrame(function frame(now) {
    const s = Math.min(0.05, (now - last) / 1000);
    last = now;
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, width, height);
    let left = 0;
    for (const each of flakes) {
      each.dx *= AIR ** s;
      each.dy = each.dy * AIR ** s + GRAVITY * s;
      each.x += each.dx * s + Math.sin(each.turn) * 40 * s;
      each.y += each.dy * s;
      each.turn += each.spin * s;
      if (each.y > height + 20) continue;
      left++;
      ink.save();
      ink.translate(each.x, each.y);
      ink.rotate(each.turn * 0.7);
      ink.scale(1, Math.cos(each.turn * 1.9));
      ink.fillStyle = each.colour;
      ink.fillRect(-each.size / 2, -each.size / 3, each.size, each.size / 1.5);
      ink.restore();
    }
    if (left > 0) request = requestAnimationFrame(frame);
  });
  return () => cancelAnimationFrame(request);
}

function flake(side: number, width: number, height: number): Flake {
  const speed = height * (0.9 + Math.random() * 1.3);
  const angle = Math.PI * (0.3 + Math.random() * 0.16);
  return {
    x: side * width,
    y: height * (0.55 + Math.random() * 0.2),
    dx: Math.cos(angle) * speed * (side < 0.5 ? 1 : -1) * (0.5 + Math.random()),
    dy: -Math.sin(angle) * speed,
    turn: Math.random() * 6,
    spin: 3 + Math.random() * 7,
    size: 7 + Math.random() * 7,
    colour: COLOURS[Math.floor(Math.random() * COLOURS.length)]!.vivid,
  };
}
