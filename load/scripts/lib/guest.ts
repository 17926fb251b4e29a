/**
 * A user's token. A worker with guests gives one to whoever asks; for one without, `TOKENS` names a file with a token a line,
 * of which each user takes one. (A path is taken from the script's folder.)
 */
import http from "k6/http";
import exec from "k6/execution";
import { now, wait } from "./time.ts";
import { BASE } from "./setting.ts";

const given = __ENV["TOKENS"] === undefined ? [] : open(__ENV["TOKENS"]).trim().split("\n");

/** One with less than this left is not used again, in ms. */
const LEAST_LEFT_MS = 60_000;

/** Who is refused comes back no sooner than this, in ms: a load test is no flood. */
export const REFUSED_MS = 1000;

let own: { token: string; expiresAt: number } | undefined;

/** The user keeps it from one iteration to the next. Throws when there is none. */
export async function token(): Promise<string> {
  if (given.length > 0) return given[(exec.vu.idInTest - 1) % given.length]!;
  if (own && own.expiresAt - now() > LEAST_LEFT_MS) return own.token;
  const body = JSON.stringify({ name: `user ${exec.vu.idInTest}` });
  const response = await http.asyncRequest("POST", `${BASE}/auth/guest`, body, {
    headers: { "content-type": "application/json" },
  });
  if (response.status !== 200 || typeof response.body !== "string") {
    await wait(REFUSED_MS);
    throw new Error(`no guest token: ${response.status} ${response.error}; TOKENS names a file of tokens`);
  }
  own = JSON.parse(response.body) as { token: string; expiresAt: number };
  return own.token;
}

/** Users come one after the other within this time, in ms: a table fills, it is not stormed. */
export const arrive = (withinMs: number): Promise<void> => wait(Math.random() * withinMs);
