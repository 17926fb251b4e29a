/** What has happened to the room on this page, and the button that takes it along into a bug report. */
import type { Diagnostics } from "../api.ts";
import { element, say } from "./element.ts";
import type { Section } from "./section.ts";

/** Nearer to the end than this, in px, it stays at the end. */
const AT_END = 8;

export function timeline(diagnostics: () => Diagnostics): Section {
  const list = element("ol", { class: "timeline", tabindex: 0, "aria-label": "Timeline" });
  const copy = element("button", { type: "button", class: "copy" }, "Copy for a bug report");
  const said = element("span", { role: "status", class: "said" });
  const text = element("textarea", { readonly: true, rows: 4, "aria-label": "Bug report", hidden: true });
  let newest = "";

  copy.addEventListener("click", () => {
    const report = JSON.stringify(diagnostics(), null, 2);
    text.hidden = true;
    // Browsers give the clipboard only to secure pages that are in front.
    const copied = navigator.clipboard?.writeText(report) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => say(said, "Copied."),
      () => {
        text.hidden = false;
        text.value = report;
        text.select();
        say(said, "Copy it from here:");
      },
    );
  });

  return {
    element: element("div", {}, list, element("div", { class: "report" }, copy, said), text),
    update({ diagnostics: { timeline: happenings } }) {
      const last = JSON.stringify([happenings.length, happenings.at(-1)]);
      if (last === newest) return;
      newest = last;
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < AT_END;
      list.replaceChildren(
        ...happenings.map(({ at, what }) =>
          element(
            "li",
            {},
            element("time", { datetime: at, title: at }, new Date(at).toTimeString().slice(0, 8)),
            element("span", {}, what),
          ),
        ),
      );
      if (atEnd) list.scrollTop = list.scrollHeight;
    },
  };
}
