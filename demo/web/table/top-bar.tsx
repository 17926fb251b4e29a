/** The thin bar: which picture, how far, how long, who is here, whether it is saved, and the way to bring friends. */
import { useEffect, useState } from "react";
import { BackIcon, LinkIcon, PanelIcon } from "../icons.tsx";
import { pictureOf } from "../pictures/index.ts";
import { useGame, useRoom } from "../room.ts";
import { navigate } from "../router.ts";
import { clock } from "../time.ts";
import type { Panel } from "./drawer.tsx";
import { Faces } from "./faces.tsx";
import { Ring } from "./ring.tsx";
import { SyncPill } from "./sync-pill.tsx";

interface Props {
  readonly joined: number;
  readonly count: number;
  readonly panel: Panel | "none";
  readonly setPanel: (panel: Panel | "none") => void;
}

export function TopBar({ joined, count, panel, setPanel }: Props) {
  const room = useRoom();
  return (
    <header className="bar">
      <button type="button" className="tool" aria-label="To the lobby" title="To the lobby" onClick={() => navigate("/")}>
        <BackIcon />
      </button>
      <span className="bar-name">{pictureOf(room.params).name}</span>
      <Ring joined={joined} count={count} />
      <Timer />
      <span className="bar-space" />
      <Faces />
      <SyncPill />
      <Invite />
      <button
        type="button"
        className="tool"
        aria-label="Notes, activity, and how it works"
        title="Notes, activity, and how it works"
        aria-pressed={panel !== "none"}
        onClick={() => setPanel(panel === "none" ? "notes" : "none")}
        data-testid="panel"
      >
        <PanelIcon />
      </button>
    </header>
  );
}

function Timer() {
  const room = useRoom();
  const startedAt = useGame((state) => state.meta.startedAt);
  const finishedAt = useGame((state) => state.meta.finishedAt);
  const [, tick] = useState(0);
  const running = startedAt !== 0 && finishedAt === 0;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
  const ms = startedAt === 0 ? 0 : (finishedAt || room.serverNow()) - startedAt;
  return (
    <time className="bar-time" data-testid="timer">
      {clock(ms)}
    </time>
  );
}

/** How long (ms) the button says what it did. */
const SAID = 1800;

function Invite() {
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  useEffect(() => {
    if (copied === "no") return;
    const timer = setTimeout(() => setCopied("no"), SAID);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    // Browsers give the clipboard only to secure pages that are in front.
    navigator.clipboard.writeText(location.href).then(
      () => setCopied("yes"),
      () => {
        setCopied("failed");
        prompt("The link to this table", location.href);
      },
    );
  };
  return (
    <button type="button" className="button primary invite" onClick={copy} data-testid="invite">
      <LinkIcon />
      <span aria-live="polite">{copied === "yes" ? "Link copied" : "Invite"}</span>
    </button>
  );
}
