/** The demo's puzzle and a document, as they are deployed, with a meter on what the platform bills: rows, alarms, time awake. */
import { defineRoom, type AnyRoom } from "coterie";
import { createWorker, durableRoom } from "coterie/server";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { Meter, type Metered } from "./meter.ts";

/** A class of rooms with a meter; begun before the room, which writes as it starts. */
function metered<D extends AnyRoom>(definition: D) {
  return class extends durableRoom(definition) {
    readonly meter: Meter;

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      const meter = new Meter(ctx.storage);
      super(ctx, env);
      this.meter = meter;
    }

    metered(): Metered {
      return this.meter.read();
    }
  };
}

export class Puzzle extends metered(puzzleRoom) {}
export class Notes extends metered(defineRoom({ name: "notes", document: true })) {}

const worker = createWorker({ rooms: { puzzle: Puzzle, notes: Notes } });

interface Env {
  readonly PUZZLE: DurableObjectNamespace;
  readonly NOTES: DurableObjectNamespace;
}

export default {
  /** `GET /meter/:party/:room`: what has been metered since its object started. */
  async fetch(request, env, ctx): Promise<Response> {
    const [, first, party, room] = new URL(request.url).pathname.split("/");
    if (first !== "meter" || !room) return worker.fetch!(request, env, ctx);
    const stub = (party === "puzzle" ? env.PUZZLE : env.NOTES).getByName(room);
    return Response.json(await (stub as unknown as { metered(): Promise<Metered> }).metered());
  },
} satisfies ExportedHandler<Env>;
