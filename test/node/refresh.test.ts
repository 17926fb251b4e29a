/** When a page asks for another token while its socket is open, and what it does when there is none. */
import { expect, test } from "vitest";
import { Refresh } from "../../client/refresh.ts";
import { realEnvironment } from "../../client/environment.ts";

/** A clock that moves when told to, and what the page asked of it. */
function page(token: () => Promise<string>, hand: () => Promise<boolean> = async () => true) {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const asked: number[] = [];
  const environment = {
    ...realEnvironment,
    random: () => 0.5,
    after: (ms: number, run: () => void) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((each) => each !== timer));
    },
  };
  const failures: string[] = [];
  const refresh = new Refresh(environment, {
    now: () => now,
    token: () => {
      asked.push(now);
      return token();
    },
    hand,
    failed: (error) => failures.push(String(error)),
  });
  const pass = async (ms: number): Promise<void> => {
    for (const until = now + ms; ;) {
      const next = timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) {
        now = until;
        return;
      }
      now = next.at;
      timers = timers.filter((each) => each !== next);
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { refresh, asked, failures, pass, timers: () => timers.length };
}

const jwt = (iat: number, exp: number): string => `head.${btoa(JSON.stringify({ iat, exp })).replaceAll("=", "")}.signature`;

test("another token is asked for when four fifths of its life are over, again and again", async () => {
  let at = 0;
  const { refresh, asked, pass } = page(async () => jwt((at += 480), at + 600));
  refresh.start(jwt(0, 600));
  await pass(2_000_000);
  expect(asked).toEqual([480_000, 960_000, 1_440_000, 1_920_000]);
});

test("where none can be had it asks again, sooner each time, until the token's end", async () => {
  const { refresh, asked, failures, pass, timers } = page(() => Promise.reject(new Error("no network")));
  refresh.start(jwt(0, 600));
  await pass(700_000);
  expect(asked).toEqual([480_000, 540_000, 570_000, 585_000, 592_500, 596_250, 598_125]);
  expect(failures.length).toBe(7);
  expect(timers()).toBe(0);
});

test("a token that the room does not take is handed to it once, and the socket's end is waited for", async () => {
  const { refresh, asked, pass, timers } = page(
    async () => jwt(480, 1080),
    async () => false,
  );
  refresh.start(jwt(0, 600));
  await pass(2_000_000);
  expect([asked, timers()]).toEqual([[480_000], 0]);
});

test("nothing is asked for a socket that has closed, nor of a token that says nothing of its end", async () => {
  const { refresh, asked, pass } = page(async () => jwt(0, 600));
  refresh.start(jwt(0, 600));
  refresh.stop();
  for (const token of ["token", "a.b.c", `h.${btoa("{}")}.s`, jwt(600, 600)]) refresh.start(token);
  await pass(2_000_000);
  expect(asked).toEqual([]);
});

test("an app that gives the same token again is asked as seldom as one that has none, and the room is not bothered", async () => {
  let handed = 0;
  const { refresh, asked, failures, pass, timers } = page(
    async () => jwt(0, 600),
    async () => (handed++, true),
  );
  refresh.start(jwt(0, 600));
  await pass(700_000);
  expect([asked.length, failures.length, handed, timers()]).toEqual([7, 7, 0, 0]);
  expect(failures[0]).toContain("ends no later than the one before");
});
