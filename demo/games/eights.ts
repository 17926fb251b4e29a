/**
 * Crazy Eights: a card game with hidden hands, turns, and a clock for whoever sleeps. All cards are rows of one private
 * table: a hand is seen by its player, the deck (of nobody) by no one. Who can see a card cannot be told to anyone who
 * cannot, since nothing about it is sent.
 */
import { defineGame, defineRoom, t, type ContextOf } from "coterie";

const SUITS = 4;
const RANKS = 13;
const HAND = 5;
const EIGHT = 7;
/** Who does not play in this time, in ms, draws. */
export const TURN_MS = 30_000;

export const suitOf = (face: number): number => face % SUITS;
export const rankOf = (face: number): number => Math.floor(face / SUITS);

const rules = defineGame({
  name: "eights",
  version: 1,
  codes: ["too-few", "begun", "not-your-turn", "not-your-card", "no-match", "over", "room-only"],
  events: { played: t.struct({ by: t.u16(), face: t.u8() }), won: t.struct({ by: t.u16() }) },
  state: {
    /** Shuffled: a row's id says nothing of its face. */
    cards: t.table({ holder: t.u16(), face: t.u8() }, { index: ["holder"], private: "holder" }),
    players: t.table({ cards: t.u8() }),
    round: t.value({ top: t.u8(), turn: t.u16(), moves: t.u32(), deck: t.u8(), winner: t.u16() }),
  },
  setup(c) {
    const faces = Array.from({ length: SUITS * RANKS }, (_, face) => face);
    for (let id = faces.length - 1; id >= 0; id--) {
      const [face] = faces.splice(Math.floor(c.random() * faces.length), 1);
      c.state.cards.add(id, { holder: 0, face: face! });
    }
    c.state.round.deck = SUITS * RANKS;
  },
  join(c) {
    if (c.state.round.turn === 0 && !c.state.players.get(c.me)) c.state.players.add(c.me, { cards: 0 });
  },
});
type Context = ContextOf<typeof rules>;

/** Gives the player the next card of the deck, if there is one. */
function draw(c: Context, me: number): void {
  const [card] = c.state.cards.where("holder", 0);
  if (!card) return;
  card.holder = me;
  c.state.round.deck--;
  c.state.players.get(me)!.cards++;
}

/** The next player's turn, and its clock. */
function pass(c: Context): void {
  const { round, players } = c.state;
  const ids = [...players].map(({ id }) => id);
  round.turn = ids.find((id) => id > round.turn) ?? ids[0] ?? 0;
  round.moves++;
  c.after(TURN_MS, "timeUp", { moves: round.moves });
}

/** Whoever has the turn may go on. */
function myTurn(c: Context): void {
  if (c.state.round.winner !== 0) c.reject("over");
  if (c.state.round.turn !== c.me || c.me === 0) c.reject("not-your-turn");
}

export const eights = rules.actions((a) => ({
  deal: a(
    (c) => {
      const { round, players, cards } = c.state;
      if (round.turn !== 0) c.reject("begun");
      if (players.size < 2) c.reject("too-few");
      for (const { id } of [...players]) for (let n = 0; n < HAND; n++) draw(c, id);
      const [first] = cards.where("holder", 0);
      round.top = first!.face;
      round.deck--;
      cards.delete(first!.id); // shown: no secret any more
      pass(c);
    },
    { predict: false },
  ),
  play: a(
    t.struct({ card: t.id() }),
    (c, { card }) => {
      myTurn(c);
      const { cards, round, players } = c.state;
      const mine = cards.get(card);
      if (mine?.holder !== c.me) return c.reject("not-your-card");
      const { face } = mine;
      if (rankOf(face) !== EIGHT && suitOf(face) !== suitOf(round.top) && rankOf(face) !== rankOf(round.top))
        c.reject("no-match");
      cards.delete(card);
      round.top = face;
      c.emit("played", { by: c.me, face });
      const player = players.get(c.me)!;
      player.cards--;
      if (player.cards > 0) return pass(c);
      round.winner = c.me;
      c.emit("won", { by: c.me });
    },
    { predict: false },
  ),
  draw: a(
    (c) => {
      myTurn(c);
      draw(c, c.me);
      pass(c);
    },
    { predict: false },
  ),
  /** The room's own: set by `pass`. */
  timeUp: a(
    t.struct({ moves: t.u32() }),
    (c, { moves }) => {
      if (c.me !== 0) c.reject("room-only");
      const { round } = c.state;
      if (round.moves !== moves || round.winner !== 0) return; // somebody has played since
      draw(c, round.turn);
      pass(c);
    },
    { predict: false },
  ),
}));

export const eightsRoom = defineRoom({ name: "eights", game: eights });
