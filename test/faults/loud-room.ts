/** A room in which much is said: long events, which do not last, and a long note, which does. */
import { defineGame, defineRoom, t } from "coterie";

/** The longest text of an event or note. */
export const LOUD_TEXT = 20_000;

const rules = defineGame({
  name: "loud",
  version: 1,
  state: { wall: t.value({ note: t.str(LOUD_TEXT) }) },
  setup() {},
}).actions((a) => ({
  write: a(t.struct({ note: t.str(LOUD_TEXT) }), (c, { note }) => {
    c.state.wall.note = note;
  }),
}));

export const loudRoom = defineRoom({ name: "loud", game: rules, events: { say: t.struct({ text: t.str(LOUD_TEXT) }) } });
