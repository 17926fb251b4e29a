/**
 * `coterie/client/devtools`: a small panel that shows what goes on between this page and its room. Nothing happens at import;
 * it has no dependency, and lives in a shadow root, where the page's styles and its own do not meet.
 *
 *     const debug = {};
 *     const room = createClient({ debug }).join(boardRoom, "our-board");
 *     const remove = devtools(room, { debug });
 */
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Peer, RoomBase } from "../api.ts";
import type { DebugOptions } from "../debug.ts";
import { element, say } from "./element.ts";
import { facts } from "./facts.ts";
import { network } from "./network.ts";
import { people } from "./people.ts";
import type { Section } from "./section.ts";
import { STYLE } from "./style.ts";
import { timeline } from "./timeline.ts";
import { traffic } from "./traffic.ts";

export interface DevtoolsOptions {
  /** The very object that was given to `createClient({ debug })`: with it the panel has switches for a worse network. */
  debug?: DebugOptions | undefined;
  /** Whether it is open at first. Default false: a button in the corner. */
  open?: boolean;
}

/** How often an open panel looks, in ms. */
const LOOK_EVERY_MS = 500;
/** What is done in the panel is not done to the page: its shortcuts, its drags and its zoom do not hear of it. */
const KEPT = ["keydown", "keyup", "pointerdown", "mousedown", "touchstart", "wheel", "copy", "cut", "paste"] as const;

/**
 * Puts the panel at the bottom left of the page (its element is `[data-coterie="devtools"]`, should the page's style want it
 * elsewhere), closed; Escape closes it again. Returns its own removal, which is due when the room is left. Throws where there
 * is no page.
 */
export function devtools<D extends AnyRoom>(room: RoomBase<D>, { debug, open = false }: DevtoolsOptions = {}): () => void {
  const named: readonly (readonly [title: string, section: Section])[] = [
    ["Traffic", traffic()],
    ["People", people()],
    ...(debug ? [["Network", network(debug)] as const] : []),
    ["Timeline", timeline(() => room.diagnostics())],
  ];
  const sections = [facts(), ...named.map(([, section]) => section)];

  const brief = element("span");
  const pill = element(
    "button",
    { type: "button", class: "pill", "aria-expanded": "false" },
    element("span", { class: "dot" }),
    brief,
  );
  const close = element("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  const panel = element(
    "section",
    { class: "panel", "aria-label": "Coterie devtools", hidden: true },
    element("header", {}, element("span", { class: "dot" }), element("b", {}, room.diagnostics().room), close),
    element(
      "div",
      { class: "body" },
      sections[0]!.element,
      ...named.flatMap(([title, section]) => [element("h2", {}, title), section.element]),
    ),
  );
  const frame = element("div", {}, pill, panel);
  const host = element("div", { "data-coterie": "devtools" });
  const style = new CSSStyleSheet();
  style.replaceSync(STYLE);
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [style];
  shadow.append(frame);

  const look = (): void => {
    const seen = {
      diagnostics: room.diagnostics(),
      self: room.self as Peer<AnyRoom> | null,
      others: room.others as readonly Peer<AnyRoom>[],
      now: performance.now(),
    };
    for (const section of sections) section.update(seen);
  };
  const glance = (): void => {
    frame.dataset["state"] = room.sync.state;
    const text = room.status !== "connected" ? room.status : room.rtt === undefined ? "connected" : `${Math.round(room.rtt)} ms`;
    say(brief, text);
    pill.setAttribute("aria-label", `Coterie devtools: ${text}, ${room.sync.state}`);
  };

  let timer: ReturnType<typeof setInterval> | undefined;
  const show = (opened: boolean): void => {
    pill.hidden = opened;
    panel.hidden = !opened;
    pill.setAttribute("aria-expanded", String(opened));
    host.toggleAttribute("data-open", opened);
    clearInterval(timer);
    if (!opened) return;
    look();
    timer = setInterval(look, LOOK_EVERY_MS);
  };
  pill.addEventListener("click", () => {
    show(true);
    close.focus();
  });
  const shut = (): void => {
    show(false);
    pill.focus();
  };
  close.addEventListener("click", shut);
  panel.addEventListener("keydown", ({ key }) => key === "Escape" && shut());
  for (const type of KEPT) host.addEventListener(type, (event) => event.stopPropagation());

  const unsubscribe = room.on("frame", glance);
  glance();
  document.body.append(host);
  show(open);
  return () => {
    unsubscribe();
    clearInterval(timer);
    host.remove();
  };
}
