/** Past games, run once more by the rules of now: the same, or told what would have come out differently. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineGame, defineRoom, t } from "coterie";
import { expect, test } from "vitest";
import { eights, eightsRoom } from "../../demo/games/eights.ts";
import { puzzleRoom } from "../../demo/puzzle/room.ts";
import { resimulate } from "../../server/parts/game/resimulate.ts";
import { readExport } from "../../server/storage/exported.ts";
import { board } from "../kit/board-game.ts";
import { boardSimulation, join as joinBoard } from "../kit/board.ts";
import { play } from "../kit/play.ts";
import { Draw } from "../kit/random.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";

/** A wallet: what it pays, and when, may be changed by who makes the next version. */
function wallet(pays: (by: number) => number, afterMs = 1000, tells = true, interest = 1) {
  const game = defineGame({
    name: "wallet",
    version: 1,
    codes: ["poor"],
    state: { coins: t.table({ coins: t.u32() }), pins: t.table({ of: t.u16(), pin: t.u32() }, { private: "of" }) },
    setup() {},
    join: (c) => {
      c.state.coins.add(c.me, { coins: 10 });
      c.state.pins.add(c.me, { of: c.me, pin: Math.floor(c.random() * 9999) });
    },
  }).actions((a) => ({
    pay: a(t.struct({ coins: t.u32() }), (c, { coins }) => {
      const mine = c.state.coins.get(c.me)!;
      if (mine.coins < coins) c.reject("poor");
      mine.coins -= pays(coins);
      c.after(afterMs, "interest");
      return tells ? mine.coins : undefined;
    }),
    interest: a((c) => {
      for (const row of c.state.coins) row.coins += interest;
    }),
  }));
  return { game, room: defineRoom({ name: "wallet", game }) };
}

async function playWallet(): Promise<Simulation> {
  const { room } = wallet((coins) => coins);
  const simulation = simulate(room);
  const [ann, ben] = ["ann", "ben"].map((name) => simulation.client(name).join(room, "w"));
  await simulation.advance(500);
  for (const coins of [1, 100, 2, 3]) {
    ann!.do.pay({ coins }).catch(() => {});
    ben!.do.pay({ coins: 1 }).catch(() => {});
    const overHttp = { user: { id: "ben" }, scopes: ["read", "write"], expiresAt: Infinity } as const;
    for (const key of ["k", "k", undefined]) void simulation.room.game.actAs(overHttp, "pay", { coins: 1 }, key);
    await simulation.advance(1500);
  }
  return simulation;
}

test("the same rules come to the same, row for row: actions, refusals, timers, secrets and who came", async () => {
  const { store } = await playWallet();
  const { game } = wallet((coins) => coins);
  const { divergence, inputs, rows } = resimulate(game, store);
  expect(divergence).toBeUndefined();
  expect(inputs).toBeGreaterThan(14);
  expect(rows).toBe(store.rows(0).length);
});

test.each([
  ["an action that does something else", wallet((coins) => coins * 2), "the answer of pay", "done: 9", "done: 8"],
  ["a timer that does something else", wallet((coins) => coins, 1000, true, 2), "coins.1.coins", /^\d+$/, /^\d+$/],
  ["an action that does it later", wallet((coins) => coins, 2000), "a timer", /^interest at \d+/, /^interest at \d+/],
  ["an action that answers nothing", wallet((coins) => coins, 1000, false), "the answer of pay", "done: 9", "done: "],
])("%s is seen at the first row where it is", async (_what, { game }, what, stored, now) => {
  const { store } = await playWallet();
  const { divergence } = resimulate(game, store);
  expect(divergence).toMatchObject({
    seq: expect.any(Number),
    what,
    stored: typeof stored === "string" ? stored : expect.stringMatching(stored),
    now: typeof now === "string" ? now : expect.stringMatching(now),
  });
});

/** A lamp that goes out by itself after a while, in a game that ticks, whose ticks set timers too. */
function lamp(goesOut: boolean) {
  const game = defineGame({
    name: "lamp",
    version: 1,
    state: { lamp: t.value({ on: t.bool(), ticks: t.u32() }) },
    setup() {},
    tickHz: 20,
    tick(c) {
      if (c.now % 1000 < 50) c.after(100, "count");
    },
  }).actions((a) => ({
    light: a((c) => {
      c.state.lamp.on = true;
      if (goesOut) c.after(700, "out");
    }),
    out: a((c) => void (c.state.lamp.on = false)),
    count: a((c) => void c.state.lamp.ticks++),
  }));
  return { game, room: defineRoom({ name: "lamp", game }) };
}

test("in a game that ticks: what ticks set is no input and comes to the same; a timer that is set no more is seen", async () => {
  const { game, room } = lamp(true);
  const simulation = simulate(room);
  const ann = simulation.client("ann").join(room, "l");
  await simulation.advance(3000);
  void ann.do.light();
  await simulation.advance(3000);
  expect(ann.state.lamp.ticks).toBeGreaterThan(2);
  expect(resimulate(game, simulation.store).divergence).toBeUndefined();
  expect(resimulate(lamp(false).game, simulation.store).divergence).toMatchObject({
    what: "a timer",
    stored: expect.stringMatching(/^out at/) as string,
    now: "none",
  });
});

test("random games of the board, through sleeps and snapshots, and a game of cards come to the same", async () => {
  await play(20, async (seed) => {
    const draw = new Draw("resim", seed);
    const simulation = boardSimulation({ snapshotRows: 20 });
    const players = [await joinBoard(simulation, "ann"), await joinBoard(simulation, "ben")];
    for (let move = 0; move < 60; move++) {
      const { room } = draw.one(players);
      const id = draw.below(12);
      const act = draw.one([
        () => room.do.grab({ id }),
        () => room.do.drop({ id, x: draw.below(900), y: draw.below(900) }),
        () => room.do.roll(),
        () => room.do.add({ n: draw.below(50) }),
      ]);
      act().catch(() => {});
      await simulation.advance(draw.below(60));
      if (draw.below(20) === 0 && (await simulation.comesToRest())) simulation.evict();
    }
    await simulation.advance(1000);
    const again = readExport(simulation.room.care.export());
    expect(resimulate(board, again).divergence).toBeUndefined();
  });
  const simulation = simulate(eightsRoom);
  const tables = ["ann", "ben"].map((name) => simulation.client(name).join(eightsRoom, "table"));
  await simulation.advance(500);
  void tables[0]!.do.deal();
  await simulation.advance(200_000); // both sleep
  expect(resimulate(eights, simulation.store)).toMatchObject({ divergence: undefined });
});

test("npm run resim: an export is the same by these rules, a spoilt one is told of", async () => {
  const simulation = simulate(puzzleRoom);
  const create = { cols: 6, rows: 4, picture: 0, seed: 7 };
  const room = simulation.client("ann").join(puzzleRoom, "castle", { presence: { cursor: null }, create });
  await simulation.advance(500);
  for (let g = 0; g < 5; g++) {
    void room.do.grab({ g });
    room.do.drop({ g, x: 10 * g, y: 5 }).catch(() => {});
    await simulation.advance(300);
  }
  const folder = mkdtempSync(join(tmpdir(), "coterie-resim-"));
  try {
    const file = join(folder, "castle.jsonl");
    const lines = simulation.room.care.export();
    const resim = (): Promise<[code: number, out: string]> =>
      new Promise((resolve) =>
        execFile(process.execPath, ["load/resim.ts", "demo/puzzle/room.ts", file], (error, out, err) =>
          resolve([typeof error?.code === "number" ? error.code : 0, out + err]),
        ),
      );
    writeFileSync(file, lines);
    expect(await resim()).toEqual([0, expect.stringMatching(/castle\.jsonl: the same, \d+ inputs in \d+ rows/)]);
    writeFileSync(file, lines.replace(/"seed":\d+/, '"seed":12345').replace(/"gameVersion":\d+/, '"gameVersion":99'));
    expect(await resim()).toEqual([1, expect.stringContaining("stored by rules of version 99")]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
