/** Says when the network is away, and that nothing is lost by it. */
import { useRoom, useStatus, useSync } from "../room.ts";

export function Banner() {
  const room = useRoom();
  const status = useStatus();
  const { pending } = useSync();
  if (status === "connected") return null;
  const waiting = pending === 0 ? "" : pending === 1 ? " One change waits." : ` ${pending} changes wait.`;
  return (
    <div className="banner" role="status" data-testid="banner">
      <span>
        {status === "disconnected" ? "Not connected." : "The network is away; trying again."} Play on: what you do is sent later.
        {waiting}
      </span>
      <button type="button" className="button" onClick={() => room.connect()}>
        Try now
      </button>
    </div>
  );
}
