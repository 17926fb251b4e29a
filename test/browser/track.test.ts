/** How somebody else's hand is shown: late by a constant, smooth, and never somewhere it has not been. */
import { expect, test } from "vitest";
import { DELAY, Track } from "../../demo/web/board/track.ts";

/** The greatest step from frame to frame (60 a second), and the last place. */
function play(track: Track, from: number, to: number): { step: number; xs: number[] } {
  const xs: number[] = [];
  for (let now = from; now <= to; now += 1000 / 60) xs.push(track.show(now).x);
  return { step: Math.max(...xs.slice(1).map((x, i) => Math.abs(x - xs[i]!))), xs };
}

test("a steady move at 30 values a second is shown at the display's rate, in even steps", () => {
  const track = new Track(0, { x: 0, y: 0 });
  for (let i = 1; i <= 20; i++) track.push(i * 33, { x: i * 33, y: 0 });
  const { step, xs } = play(track, DELAY + 50, 650);
  expect(step).toBeLessThan(20);
  expect(Math.min(...xs.slice(1).map((x, i) => x - xs[i]!))).toBeGreaterThan(13);
});

test("it is shown where it was a moment ago", () => {
  const track = new Track(0, { x: 0, y: 5 });
  for (let i = 1; i <= 10; i++) track.push(i * 33, { x: i * 10, y: 5 });
  expect(track.show(5 * 33 + DELAY)).toEqual({ x: 50, y: 5 });
});

test("a hand that stops is not shown beyond where it stopped", () => {
  const track = new Track(0, { x: 0, y: 0 });
  [0, 40, 130, 135, 135].forEach((x, i) => track.push(100 + i * 33, { x, y: 0 }));
  const { xs } = play(track, 0, 900);
  expect(Math.max(...xs)).toBe(135);
  expect(Math.min(...xs)).toBe(0);
  expect(track.doneBy(900)).toBe(true);
});

test("after a pause, or values that come late, it goes on from where it is shown, without a jump", () => {
  const track = new Track(0, { x: 0, y: 0 });
  const values = [100, 133, 166, 3000, 3033, 3066, 3400, 3433];
  const xs: number[] = [];
  let next = 0;
  for (let now = 0; now < 4000; now += 1000 / 60) {
    while (next < values.length && values[next]! <= now) track.push(values[next++]!, { x: next * 50, y: 0 });
    xs.push(track.show(now).x);
  }
  expect(Math.max(...xs.slice(1).map((x, i) => Math.abs(x - xs[i]!)))).toBeLessThan(50);
  expect(xs.at(-1)).toBe(400);
});
