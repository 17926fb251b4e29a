/** The truth about one's own moves: stored, on their way, or waiting for the network. */
import { useRtt, useSync } from "../room.ts";

const LABELS = { saved: "Saved", saving: "Saving", offline: "Offline" } as const;

export function SyncPill() {
  const { state, pending } = useSync();
  const rtt = useRtt();
  const detail = [
    rtt === undefined ? "" : `round trip ${Math.round(rtt)} ms`,
    pending > 0 ? `${pending} waiting` : "nothing waiting",
  ]
    .filter(Boolean)
    .join(", ");
  return (
    <span
      className="pill"
      data-state={state}
      data-testid="sync"
      role="status"
      aria-label={`${LABELS[state]}; ${detail}`}
      title={detail}
    >
      <span className="pill-dot" />
      <span className="pill-text">{LABELS[state]}</span>
    </span>
  );
}
