import { defineGame, defineRoom, t } from "coterie";

const talk = defineGame({
  name: "talk",
  version: 1,
  state: { messages: t.table({ by: t.u16(), text: t.str(500) }) },
  setup() {},
}).actions((a) => ({
  say: a(t.struct({ text: t.str(500) }), (c, { text }) => {
    const { messages } = c.state;
    messages.add(messages.size, { by: c.me, text });
  }),
}));

export const talkRoom = defineRoom({ name: "talk", game: talk });
