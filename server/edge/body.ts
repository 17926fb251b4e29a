/** What a request brings, read up to a bound: whoever may send it may not fill the worker's memory with it. */
import { join } from "../../shared/bytes.ts";
import { problem } from "./respond.ts";

/** The longest JSON that is read where nothing longer is meant, in bytes. */
const MAX_JSON_BYTES = 8192;

/** The body; a Response where it is too long. */
export async function bodyOf({ headers, body }: Request, most: number): Promise<Uint8Array | Response> {
  const tooLarge = (length: number): Response => problem(413, "too-large", `${length} bytes, expected at most ${most}`);
  const announced = Number(headers.get("content-length") ?? 0);
  if (announced > most) return tooLarge(announced);
  return (await readWithin(body, most)) ?? tooLarge(most + 1);
}

/** All of it; undefined where it is longer than `most` bytes: what is still to come then is cancelled. */
export async function readWithin(body: ReadableStream | null, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > most) return undefined; // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return join(chunks);
}

/** The fields of the JSON object in the body; undefined where it is none; a Response where it is too long. */
export async function fieldsOf(
  request: Request,
  most: number = MAX_JSON_BYTES,
): Promise<Readonly<Record<string, unknown>> | Response | undefined> {
  const bytes = await bodyOf(request, most);
  if (bytes instanceof Response) return bytes;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // it is no JSON: the caller says what was expected
  }
}
