/** How the notes look: in the page's own colours, which CSS switches between light and dark. */
import { EditorView } from "@codemirror/view";

export const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "transparent", fontSize: "15px" },
  // The page shows focus around the whole pane.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--sans)", lineHeight: "1.6", overflowX: "hidden", overscrollBehavior: "contain" },
  // Room above the first line for a name.
  ".cm-content": { padding: "22px 0 28px", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 16px" },
  ".cm-placeholder": { color: "var(--ink-2)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".notes-washes > *": { backgroundColor: "color-mix(in srgb, var(--vivid) 28%, transparent)" },
  ".notes-carets": { pointerEvents: "none" },
  ".notes-caret": { width: "2px", borderRadius: "1px", backgroundColor: "var(--caret)" },
  // A small head, so that it is found when the name has faded.
  ".notes-caret::before": {
    content: '""',
    position: "absolute",
    top: "-3px",
    left: "-2px",
    width: "6px",
    height: "6px",
    borderRadius: "50%",
    backgroundColor: "var(--caret)",
  },
  ".notes-caret > span": {
    position: "absolute",
    bottom: "calc(100% - 1px)",
    left: "-2px",
    padding: "1px 6px 2px",
    borderRadius: "5px 5px 5px 0",
    backgroundColor: "var(--deep)",
    color: "#fff",
    font: "600 11px/1.35 var(--sans)",
    whiteSpace: "nowrap",
    animation: "notes-rest 6s ease-in forwards",
  },
  '.notes-caret[data-turned="true"] > span': { left: "auto", right: "-2px", borderRadius: "5px 5px 0 5px" },
});
