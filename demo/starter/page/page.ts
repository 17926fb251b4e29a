/** The page: a number that everyone raises, a line that everyone writes, and everyone's pointer. */
import { createClient } from "coterie/client";
import { hallRoom } from "../rooms.ts";
import { bindInput } from "./bind-input.ts";

const button = document.querySelector("button")!;
const input = document.querySelector("input")!;
const pointers = document.querySelector("#pointers")!;

const room = createClient().join(hallRoom, "main", { presence: { x: 0, y: 0 } });
room.on("sync", ({ state }) => (document.title = state)); // "saved": no crash takes it back

room.subscribe(
  (state) => state.score.clicks,
  (clicks) => (button.textContent = `${clicks} clicks`),
);
button.addEventListener("click", () => room.do.click());

bindInput(input, room.doc.getText("line"));

addEventListener("pointermove", ({ clientX, clientY }) => room.setPresence({ x: clientX, y: clientY }));
room.on("others", (others) =>
  pointers.replaceChildren(
    ...others.map(({ user, presence: { x, y } }) => {
      const pointer = document.createElement("i");
      pointer.textContent = `↖ ${user.name ?? "guest"}`;
      pointer.style.translate = `${x}px ${y}px`;
      return pointer;
    }),
  ),
);
