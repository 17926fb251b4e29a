/** Who is here, with the number the rules know each by. */
import type { AnyRoom } from "../../shared/room/define-room.ts";
import type { Peer } from "../api.ts";
import { element } from "./element.ts";
import type { Section } from "./section.ts";

/** As many are named. */
const NAMED = 24;

export function people(): Section {
  const list = element("ul", { class: "people" });
  let shown: unknown[] = [];
  return {
    element: list,
    update({ self, others }) {
      if (shown[0] === self && shown[1] === others) return;
      shown = [self, others];
      const more = others.length - NAMED;
      list.replaceChildren(
        ...(self ? [one(self, " (you)")] : []),
        ...others.slice(0, NAMED).map((peer) => one(peer, "")),
        ...(more > 0 ? [element("li", {}, `and ${more} more`)] : []),
      );
    },
  };
}

function one({ id, user, connections }: Peer<AnyRoom>, note: string): HTMLElement {
  const times = connections > 1 ? ` ×${connections}` : "";
  return element("li", { title: user.id }, element("b", {}, `${id}`), ` ${user.name ?? user.id}${note}${times}`);
}
