/** Beside the table (on a phone: over its lower half): what happened, and how this is built. */
import { CloseIcon } from "../icons.tsx";
import { ActivityList } from "./activity-list.tsx";
import type { Happening } from "./activity.ts";
import { HowItWorks } from "./how-it-works.tsx";

interface Props {
  readonly panel: "activity" | "how";
  readonly setPanel: (panel: "none" | "activity" | "how") => void;
  readonly activity: readonly Happening[];
}

export function Drawer({ panel, setPanel, activity }: Props) {
  return (
    <aside className="drawer" aria-label="Beside the table" onKeyDown={(event) => event.key === "Escape" && setPanel("none")}>
      <div className="drawer-head">
        <div role="tablist" className="tabs">
          <button
            type="button"
            role="tab"
            id="tab-activity"
            aria-selected={panel === "activity"}
            aria-controls="panel"
            onClick={() => setPanel("activity")}
          >
            Activity
          </button>
          <button
            type="button"
            role="tab"
            id="tab-how"
            aria-selected={panel === "how"}
            aria-controls="panel"
            onClick={() => setPanel("how")}
            data-testid="tab-how"
          >
            How it works
          </button>
        </div>
        <button type="button" className="tool" aria-label="Close" onClick={() => setPanel("none")}>
          <CloseIcon />
        </button>
      </div>
      <div role="tabpanel" id="panel" aria-labelledby={`tab-${panel}`} className="drawer-body">
        {panel === "activity" ? <ActivityList list={activity} /> : <HowItWorks />}
      </div>
    </aside>
  );
}
