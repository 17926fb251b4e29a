/** `getRoom`: a room from the user's own worker code. Actions run as user 0, events come from the room itself. */
import type { Actions, Broadcast, Done } from "../shared/room/actions.ts";
import type { AnyRoom, GameOf } from "../shared/room/define-room.ts";
import { RoomError } from "../shared/room/room-error.ts";
import type { RoomReply, RoomStub } from "./room/room-call.ts";
import type { RoomObject } from "./room/room-object.ts";

export type ServerRoom<D extends AnyRoom> = { readonly broadcast: Broadcast<D> } & (D["game"] extends undefined
  ? {}
  : { readonly do: Actions<GameOf<D>> });

export function getRoom<D extends AnyRoom>(
  // All that is asked of it: of the whole, TypeScript 5 takes no class that overrides `onEvent`.
  namespace: Pick<DurableObjectNamespace<RoomObject<D>>, "getByName">,
  definition: D,
  id: string,
): ServerRoom<D> {
  const stub = namespace.getByName(id) as unknown as RoomStub;
  const rules = definition.game?.["~rules"];
  const calls: Record<string, (input?: unknown) => unknown> = {};
  for (const { name } of rules?.actions ?? [])
    calls[name] = async (input?: unknown): Promise<Done<unknown>> => {
      const reply = await stub.coterie({ kind: "act", name, input });
      if (reply.kind !== "answer") throw refusal(reply);
      const { seq, answer } = reply.answer;
      if (answer.kind !== "done") throw new RoomError(answer.code);
      return { seq, value: answer.json === "" ? undefined : JSON.parse(answer.json) };
    };
  for (const { name } of rules?.streams ?? [])
    calls[name] = () => {
      throw new RoomError("unsupported", { reason: `${name} is a stream: only connected clients have one` });
    };
  const broadcast = (type: string, data: unknown): void => {
    stub.coterie({ kind: "tell", type, data }).then(
      (reply) => reply.kind === "refused" && console.error(refusal(reply)),
      (error: unknown) => console.error(error),
    );
  };
  return { broadcast, do: calls } as unknown as ServerRoom<D>;
}

function refusal(reply: RoomReply): RoomError {
  return reply.kind === "refused" ? new RoomError(reply.code, { reason: reply.message }) : new RoomError("internal");
}
