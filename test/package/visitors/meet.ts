/** Two clients in a room of the app: each sees what the other did. Tells what they saw. */
import { createClient } from "coterie/client";
import { hallRoom } from "../rooms.ts";

export async function meet(host: string) {
  const join = () => createClient({ host }).join(hallRoom, "meeting", { presence: { x: 0, y: 0 } });
  const [ann, bob] = [join(), join()];
  await Promise.all([ann.ready, bob.ready]);

  const clicked = new Promise<number>((seen) => bob.subscribe((state) => state.score.clicks, seen));
  const line = bob.doc.getText("line");
  const written = new Promise<string>((seen) => line.observe(() => seen(line.toString())));
  const pointed = new Promise<number>((seen) =>
    ann.on("others", ([other]) => other && other.presence.x > 0 && seen(other.presence.x)),
  );
  const { value } = await ann.do.click();
  ann.doc.getText("line").insert(0, "hello");
  bob.setPresence({ x: 7 });
  const seen = { value, clicked: await clicked, written: await written, pointed: await pointed };

  ann.destroy();
  bob.destroy();
  return seen;
}
