/**
 * `k6/http`, as far as it can be had without holding up the thread that all users share: `asyncRequest`. Of a response there are
 * status, body (text), headers, url, error, timings.duration and json().
 */
import type { VirtualUser } from "../virtual-user.ts";

interface Params {
  readonly headers?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** ms, or "10s" in k6; here ms only. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 60_000;

export function httpModule(user: VirtualUser): object {
  const { builtin } = user.run;

  async function asyncRequest(
    method: string,
    url: string,
    body?: string | ArrayBuffer | null,
    params?: Params | null,
  ): Promise<object> {
    const stop = new AbortController();
    const over = user.begin(() => stop.abort());
    const start = performance.now();
    const tags = { method, ...params?.tags };
    let answer: { status: number; body: string; headers: Record<string, string>; error: string };
    try {
      const response = await fetch(url, {
        method,
        ...(body === undefined || body === null ? {} : { body }),
        headers: params?.headers ?? {},
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(params?.timeout ?? TIMEOUT_MS)]),
      });
      const text = await response.text();
      answer = { status: response.status, body: text, headers: Object.fromEntries(response.headers), error: "" };
      user.add(builtin.data_received, text.length, tags);
    } catch (error) {
      // As in k6: a request that fails has the status 0, and throws nothing.
      answer = { status: 0, body: "", headers: {}, error: String((error as Error).cause ?? error) };
    }
    const duration = performance.now() - start;
    user.add(builtin.http_reqs, 1, tags);
    user.add(builtin.http_req_duration, duration, tags);
    user.add(builtin.http_req_failed, answer.status >= 200 && answer.status < 400 ? 0 : 1, tags);
    setImmediate(over); // whoever awaits this goes on before it is looked whether anything is under way
    return {
      ...answer,
      url,
      timings: { duration },
      json(selector?: string): unknown {
        if (selector !== undefined) throw new Error("json() takes no selector in this runner");
        return JSON.parse(answer.body);
      },
    };
  }
  return { asyncRequest };
}
