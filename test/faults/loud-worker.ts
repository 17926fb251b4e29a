/** The loud room, served; and a way to have V8 collect its garbage, so that the memory of the process can be compared. */
import { createWorker, durableRoom } from "coterie/server";
import { loudRoom } from "./loud-room.ts";

export class Loud extends durableRoom(loudRoom) {}

const worker = createWorker({ rooms: { loud: Loud } });

/** There with the flag `--expose-gc`. One call leaves behind what only the next finds free. */
const { gc } = globalThis as { gc?: (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void };
const CALLS = 3;

export default {
  async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Cloudflare.Env, ctx: ExecutionContext) {
    if (new URL(request.url).pathname !== "/gc") return worker.fetch!(request, env, ctx);
    if (!gc) return new Response("started without --expose-gc", { status: 500 });
    for (let call = 0; call < CALLS; call++) gc({ type: "major", execution: "sync", flavor: "last-resort" });
    return new Response("collected");
  },
} satisfies ExportedHandler<Cloudflare.Env>;
