/**
 * Over every test in workerd: nothing that goes to the console, by whoever, holds a token or the secret that signs them. It is shown
 * where a test fails: there is a line for each request.
 */
import { afterAll, afterEach, expect } from "vitest";
import { env } from "cloudflare:workers";

/** Any JWT begins with `{"` in base64. */
const TOKEN = /eyJ[\w-]{8,}/;
const { DEV_SECRET } = env as unknown as { DEV_SECRET: string };

const leaks: string[] = [];
let lines = 0;
let held: (() => void)[] = [];

for (const level of ["debug", "log", "info", "warn", "error"] as const) {
  const write = console[level].bind(console);
  console[level] = (...said: unknown[]) => {
    const text = said.map(textOf).join(" ");
    lines++;
    if (TOKEN.test(text) || text.includes(DEV_SECRET)) leaks.push(text.slice(0, 500));
    held.push(() => write(...said));
  };
}

const textOf = (value: unknown): string =>
  value instanceof Error ? `${value.stack} ${value.message}` : (JSON.stringify(value) ?? "");

afterEach(({ task }) => {
  if (task.result?.state === "fail") for (const show of held) show();
  held = [];
});

afterAll(() => {
  expect(leaks, `of ${lines} lines`).toEqual([]);
});
