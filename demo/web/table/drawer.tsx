/** Beside the table (on a phone: over its lower half): the notes, what happened, and how this is built. */
import { useEffect, type ReactNode } from "react";
import { CloseIcon } from "../icons.tsx";
import { useKeyboardHeight } from "../keyboard-height.ts";
import { Notes } from "../notes/panel.tsx";
import { ActivityList } from "./activity-list.tsx";
import type { Happening } from "./activity.ts";
import { HowItWorks } from "./how-it-works.tsx";

export type Panel = "notes" | "activity" | "how";

const TABS: readonly { readonly panel: Panel; readonly label: string }[] = [
  { panel: "notes", label: "Notes" },
  { panel: "activity", label: "Activity" },
  { panel: "how", label: "How it works" },
];

interface Props {
  readonly panel: Panel;
  readonly setPanel: (panel: Panel | "none") => void;
  readonly activity: readonly Happening[];
}

export function Drawer({ panel, setPanel, activity }: Props) {
  const keyboard = useKeyboardHeight();
  useFocusBack();
  return (
    <aside
      className="drawer"
      aria-label="Beside the table"
      style={{ "--keyboard": `${keyboard}px` }}
      // Escape while an input method composes is that method's.
      onKeyDown={(event) => event.key === "Escape" && !event.nativeEvent.isComposing && setPanel("none")}
    >
      <div className="drawer-head">
        <div role="tablist" className="tabs">
          {TABS.map((tab) => (
            <button
              key={tab.panel}
              type="button"
              role="tab"
              id={`tab-${tab.panel}`}
              aria-selected={panel === tab.panel}
              aria-controls="panel"
              onClick={() => setPanel(tab.panel)}
              data-testid={`tab-${tab.panel}`}
            >
              {tab.label}
            </button>
          ))}
        </div>
        <button type="button" className="tool" aria-label="Close" onClick={() => setPanel("none")}>
          <CloseIcon />
        </button>
      </div>
      <div role="tabpanel" id="panel" aria-labelledby={`tab-${panel}`} className="drawer-body" data-panel={panel}>
        {contentOf(panel, activity)}
      </div>
    </aside>
  );
}

function contentOf(panel: Panel, activity: readonly Happening[]): ReactNode {
  switch (panel) {
    case "notes":
      return <Notes />;
    case "activity":
      return <ActivityList list={activity} />;
    case "how":
      return <HowItWorks />;
    default:
      return panel satisfies never;
  }
}

/** Closed by a key inside it, it gives the focus back to where it was opened from; else it would be nowhere. */
function useFocusBack(): void {
  useEffect(() => {
    const opener = document.activeElement;
    return () => {
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
}
