/** What the SDK asks of the worker over HTTP. */
import { RoomError } from "../shared/room/room-error.ts";
import type { Environment } from "./environment.ts";

/** By `POST` where there is a body, unless another method is named. Rejects with a RoomError: the problem's title is its code. */
export type Ask = (path: string, body?: object, method?: string) => Promise<Response>;

/** `who`: whose answer it is, in words. */
export const asking =
  (url: string, token: () => Promise<string>, environment: Environment, who: string): Ask =>
  async (path, body, method = body ? "POST" : "GET") => {
    const response = await environment.fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const { title, detail } = (await response.json()) as { title?: string; detail?: string };
    throw new RoomError(title ?? "internal", { reason: detail ?? `${who} answered ${response.status}` });
  };
