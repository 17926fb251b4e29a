/** The room's definition, shown as it runs here, and the traffic going by. */
import { useEffect, useState } from "react";
import rules from "../../puzzle/rules.ts?raw";
import definition from "../../puzzle/room.ts?raw";
import state from "../../puzzle/state.ts?raw";
import { useRoom, useRtt, useSync } from "../room.ts";
import { Code } from "./code.tsx";

export function HowItWorks() {
  return (
    <div className="how">
      <p>
        This table is one Durable Object. It is declared in the three files below; the page runs the same rules to show a move
        before the room has answered, and the room has the last word. The notes are a Yjs document in the same object, kept in the
        same journal and sent over the same socket.{" "}
        <a href="/costs" target="_blank">
          What a month of tables costs
        </a>
      </p>
      <Traffic />
      <h3>
        room.ts <small>what the room is</small>
      </h3>
      <Code text={definition} />
      <h3>
        state.ts <small>what it remembers</small>
      </h3>
      <Code text={state} />
      <h3>
        rules.ts <small>what one may do</small>
      </h3>
      <Code text={rules} />
    </div>
  );
}

/** What came in the last second, the round trip, and what waits. */
function Traffic() {
  const room = useRoom();
  const [rate, setRate] = useState({ frames: 0, bytes: 0 });
  const { pending } = useSync();
  const rtt = useRtt();
  useEffect(() => {
    let before = room.diagnostics().traffic.received;
    const timer = setInterval(() => {
      const now = room.diagnostics().traffic.received;
      setRate({ frames: now.frames - before.frames, bytes: now.bytes - before.bytes });
      before = now;
    }, 1000);
    return () => clearInterval(timer);
  }, [room]);
  return (
    <dl className="traffic">
      <div>
        <dt>frames a second</dt>
        <dd>{rate.frames}</dd>
      </div>
      <div>
        <dt>bytes a second</dt>
        <dd>{rate.bytes.toLocaleString("en")}</dd>
      </div>
      <div>
        <dt>round trip</dt>
        <dd>{rtt === undefined ? "–" : `${Math.round(rtt)} ms`}</dd>
      </div>
      <div>
        <dt>waiting</dt>
        <dd>{pending}</dd>
      </div>
    </dl>
  );
}
