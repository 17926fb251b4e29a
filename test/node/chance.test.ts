/** What nobody may foresee: the cipher as its standard has it, and streams that have nothing to do with each other. */
import { expect, test } from "vitest";
import { block, Chance } from "../../server/parts/game/chance.ts";

test("a block is the one of RFC 8439, 2.3.2", () => {
  const key = Uint32Array.from({ length: 8 }, (_, n) =>
    new DataView(Uint8Array.from({ length: 4 }, (_, b) => 4 * n + b).buffer).getUint32(0, true),
  );
  const words = block(key, 1, Uint32Array.of(0x09000000, 0x4a000000, 0));
  expect([...words].map((word) => word.toString(16).padStart(8, "0")).join(" ")).toBe(
    "e4e7f110 15593bd1 1fdd0f50 c47120a3 c7f4d1c7 0368c033 9aaa2204 4e6cd4c3 466482d2 09aa9f07 05d7c214 a2028bd9 d19c12b5 b94e16de e883d0cb 4e3c50a2",
  );
});

test("the same thing draws the same; another, or of another room, something else; numbers spread evenly", () => {
  const [room, other] = [new Chance("secret"), new Chance("secret.")];
  const draws = (of: () => number): string => Array.from({ length: 20 }, of).join();
  const all = [
    room.of("setup"),
    other.of("setup"),
    room.of("join", 1, 2),
    room.of("join", 12),
    room.of("act", "a-session-longer-than-a-nonce", 1),
    room.of("act", "a-session-longer-than-a-nonce", 2),
    room.of("act", "a-session-longer-than-a-nonce", 2, ""),
  ].map(draws);
  expect(new Set(all).size).toBe(all.length);
  expect(draws(new Chance("secret").of("setup"))).toBe(all[0]);
  const die = room.of("dice");
  const counts = [0, 0, 0, 0, 0, 0];
  for (let n = 0; n < 60_000; n++) counts[Math.floor(die() * 6)]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500); // five times the deviation
});
