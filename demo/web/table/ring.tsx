/** How much of the picture holds together. */
const RADIUS = 9;
const AROUND = 2 * Math.PI * RADIUS;

export function Ring({ joined, count }: { joined: number; count: number }) {
  const part = count === 0 ? 0 : joined / count;
  return (
    <span className="ring" data-testid="progress" data-joined={joined} data-count={count}>
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <circle cx="12" cy="12" r={RADIUS} className="ring-all" />
        <circle cx="12" cy="12" r={RADIUS} className="ring-done" strokeDasharray={`${part * AROUND} ${AROUND}`} />
      </svg>
      <span>
        {joined.toLocaleString("en")}
        <span className="ring-of"> of {count.toLocaleString("en")}</span>
      </span>
    </span>
  );
}
