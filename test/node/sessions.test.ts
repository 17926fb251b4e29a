/** Sessions over a long time: what a room remembers of those who were here, and for how long. */
import * as decoding from "lib0/decoding";
import { expect, test } from "vitest";
import { Sessions } from "../../server/room/sessions.ts";

const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 0, 1);
const done = { kind: "done", json: "1" } as const;

/** A session of this user that has been answered `numbers` times, the last time at `at`. */
function used(sessions: Sessions, id: string, at: number, numbers = 1): void {
  const slot = sessions.slot(id, sessions.me(`user of ${id}`));
  for (let number = 1; number <= numbers; number++) sessions.answered(slot, number, number, at, done);
}
const admit = (sessions: Sessions, id: string, number: number) => sessions.admit(id, sessions.me(`user of ${id}`), number, 9);

/** As it is after a snapshot was cut and read again. */
function restored(sessions: Sessions): Sessions {
  const again = new Sessions();
  again.restore(decoding.createDecoder(sessions.snapshot()));
  return again;
}

test("[P2] the last 64 answers are given again; those before are known to have been given", () => {
  const sessions = new Sessions();
  used(sessions, "s", START, 100);
  for (const each of [sessions, restored(sessions)]) {
    expect(admit(each, "s", 37)).toMatchObject({ kind: "again", answer: { seq: 37, answer: done } });
    expect(admit(each, "s", 36)).toMatchObject({ kind: "again", answer: { answer: { kind: "broke", code: "done" } } });
    expect(admit(each, "s", 101)).toEqual({ kind: "run" });
    expect(admit(each, "s", 102)).toEqual({ kind: "gap" });
  }
});

test("[P2] an action of a session that was away for weeks is never run twice: answered `done`, later expired", () => {
  const sessions = new Sessions();
  used(sessions, "away", START, 3);
  sessions.forget(START + 13 * DAY);
  expect(admit(restored(sessions), "away", 3)).toMatchObject({ kind: "again", answer: { answer: done } });
  sessions.forget(START + 29 * DAY);
  expect(admit(restored(sessions), "away", 3)).toMatchObject({ kind: "again", answer: { answer: { code: "done" } } });
  expect(admit(restored(sessions), "away", 4)).toEqual({ kind: "run" });
  sessions.forget(START + 31 * DAY);
  expect(admit(restored(sessions), "away", 4)).toEqual({ kind: "expired" });
});

test("[P8] ten thousand page loads later a room keeps the answers of the last two thousand, and a few bytes of the others", () => {
  const sessions = new Sessions();
  for (let n = 0; n < 10_000; n++) used(sessions, `load ${n}`, START + n, 64);
  const before = sessions.snapshot().length;
  sessions.forget(START + DAY);
  expect(sessions.snapshot().length).toBeLessThan(before / 3);
  expect(admit(sessions, "load 9999", 64)).toMatchObject({ answer: { answer: done } });
  expect(admit(sessions, "load 0", 64)).toMatchObject({ answer: { answer: { code: "done" } } });
});

test("a slot is never given twice, not even when the session that had it is forgotten", () => {
  const sessions = new Sessions();
  used(sessions, "old", START);
  const old = sessions.slot("old", 1);
  sessions.forget(START + 31 * DAY);
  expect(restored(sessions).slot("new", 1)).toBe(old + 1);
});

test("[P2] [P8] calls over HTTP are known by their key for a day, and the last thousand of a room", () => {
  const sessions = new Sessions();
  for (let n = 0; n < 1200; n++) used(sessions, `http:1:${n}`, START + n);
  used(sessions, "page", START);
  sessions.forget(START + 2000);
  const knows = (n: number): boolean => admit(sessions, `http:1:${n}`, 1).kind === "again";
  expect([knows(199), knows(200), knows(1199)]).toEqual([false, true, true]);
  sessions.forget(START + DAY + 2000);
  expect([knows(1199), admit(sessions, "page", 1).kind]).toEqual([false, "again"]);
});
