/** Says when the network is away, and that nothing is lost by it. */
import { useRoom, useStatus, useSync } from "../room.ts";

export function Banner() {
  const room = useRoom();
  const status = useStatus();
  const { pending } = useSync();
  if (status === "connected") return null;
  const waiting = pending === 0 ? "" : pending === 1 ? " One move waits to be sent." : ` ${pending} moves wait to be sent.`;
  return (
    <div className="banner" role="status" data-testid="banner">
      <span>
        {status === "disconnected" ? "Not connected." : "The network is away; trying again."} You can go on: moves are sent later,
        or come back with the reason.
        {waiting}
      </span>
      <button type="button" className="button" onClick={() => room.connect()}>
        Try now
      </button>
    </div>
  );
}
