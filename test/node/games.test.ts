/** The example games, played to the end by people who see no more than they should. */
import type { Room } from "coterie/client";
import { expect, test } from "vitest";
import { arenaRoom, SIZE, SPEED } from "../../demo/games/arena.ts";
import { eightsRoom, rankOf, suitOf, TURN_MS } from "../../demo/games/eights.ts";
import { Draw, SEED } from "../kit/random.ts";
import { codeOf } from "../kit/outcome.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";

type Table = Room<typeof eightsRoom>;

async function sit(simulation: Simulation, names: readonly string[]): Promise<Table[]> {
  const players = names.map((name) => simulation.client(name).join(eightsRoom, "table"));
  await simulation.advance(500);
  await Promise.all(players.map(({ ready }) => ready));
  return players;
}

test("eights: three play to the end, through sleeps; each sees its own hand, and the room counts for all", async () => {
  const draw = new Draw("eights", SEED);
  const simulation = simulate(eightsRoom);
  const players = await sit(simulation, ["ann", "ben", "cleo"]);
  const won: unknown[] = [];
  players[0]!.on("event", ({ type, data }) => type === "won" && won.push(data));
  const early = players[0]!.do.draw().catch(codeOf);
  void players[0]!.do.deal();
  await simulation.advance(300);
  expect(await early).toBe("not-your-turn");
  expect(players.map(({ state }) => state.cards.size)).toEqual([5, 5, 5]);
  const faces = players.flatMap(({ state }) => [...state.cards].map(({ face }) => face));
  expect(new Set(faces).size).toBe(15);

  for (let move = 0; move < 500 && players[0]!.state.round.winner === 0; move++) {
    const { turn, top } = players[0]!.state.round;
    const player = players.find(({ self }) => self!.id === turn)!;
    const fitting = [...player.state.cards].find(
      ({ face }) => rankOf(face) === 7 || suitOf(face) === suitOf(top) || rankOf(face) === rankOf(top),
    );
    const others = [...player.state.cards].filter(({ holder }) => holder !== turn);
    expect(others, `SEED=${SEED}`).toEqual([]);
    void (fitting ? player.do.play({ card: fitting.id }) : player.do.draw());
    await simulation.advance(200);
    if (draw.below(10) === 0 && (await simulation.comesToRest())) simulation.evict();
    for (const { state, self } of players)
      expect(state.cards.size, `SEED=${SEED} move ${move}`).toBe(state.players.get(self!.id)!.cards);
  }
  const { winner } = players[0]!.state.round;
  expect(won).toEqual([{ by: winner }]);
  expect(players.map(({ state }) => state.round.winner)).toEqual([winner, winner, winner]);
  expect(simulation.room.inspect().counters.drifts).toBe(0);
});

test("[P5] what everybody may read of a game over HTTP holds no private table", async () => {
  const simulation = simulate(eightsRoom);
  const [ann] = (await sit(simulation, ["ann", "ben"])) as [Table, Table];
  void ann.do.deal();
  await simulation.advance(300);
  const { state } = JSON.parse(String(simulation.room.game.read(undefined)!.content)) as { state: object };
  expect(Object.keys(state)).toEqual(["players", "round"]);
});

test("eights: who sleeps draws, by the room's clock, and the next has the turn; nobody else may say so", async () => {
  const simulation = simulate(eightsRoom);
  const [ann, ben] = (await sit(simulation, ["ann", "ben"])) as [Table, Table];
  void ann.do.deal();
  await simulation.advance(300);
  const { turn, moves } = ann.state.round;
  const pushed = ben.do.timeUp({ moves }).catch(codeOf);
  await simulation.advance(TURN_MS - 1000);
  expect([await pushed, ann.state.round.turn]).toEqual(["room-only", turn]);
  if (await simulation.comesToRest()) simulation.evict();
  await simulation.advance(2000);
  const [late, next] = ann.self!.id === turn ? [ann, ben] : [ben, ann];
  expect([late.state.cards.size, next.state.cards.size, ann.state.round.turn]).toEqual([6, 5, next.self!.id]);
});

test("arena: a ship that is steered gets there, the point lasts, and where the ships are costs no row", async () => {
  const simulation = simulate(arenaRoom);
  const join = async (name: string): Promise<Room<typeof arenaRoom>> => {
    const room = simulation.client(name).join(arenaRoom, "arena");
    await simulation.advance(500);
    await simulation.until(room.ready);
    return room;
  };
  const [ann, ben] = [await join("ann"), await join("ben")];
  const { id } = ann.self!;
  await simulation.advance(1000);
  const rows = simulation.room.inspect().seq;
  const scored: unknown[] = [];
  ben.on("event", ({ data }) => scored.push(data));
  for (let n = 0; n < 400 && scored.length === 0; n++) {
    const { x, y } = ann.state.ships.get(id)!;
    const { coin } = ann.state;
    const far = Math.hypot(coin.x - x, coin.y - y) || 1;
    const slow = Math.min(SPEED, far * 4);
    ann.do.steer({ id, vx: ((coin.x - x) / far) * slow, vy: ((coin.y - y) / far) * slow });
    await simulation.advance(50);
  }
  expect([scored, ben.state.points.get(id)!.points]).toEqual([[{ by: id }], 1]);
  expect(simulation.room.inspect().seq).toBe(rows + 1);
  const seen = ben.state.ships.get(id)!;
  expect(seen.x >= 0 && seen.x <= SIZE && seen.vx !== 0).toBe(true);
  simulation.crash();
  await simulation.advance(10_000);
  expect(ben.state.points.get(id)!.points).toBe(1);
});
