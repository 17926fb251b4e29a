import assert from "node:assert/strict";
import { test } from "node:test";
import { play, simulate } from "coterie/testing";
import { notesRoom, piecesRoom } from "./rooms.ts";

const create = { count: 4 };

test("a piece can be grabbed once", async () => {
  const simulation = simulate(piecesRoom, { create });
  const [ann, ben] = [simulation.join("ann"), simulation.join("ben")];
  await simulation.settle(); // both are in

  await simulation.until(ann.do.grab({ id: 1 })); // resolves when it is durable
  await assert.rejects(simulation.until(ben.do.grab({ id: 1 })), { code: "held" });
  assert.equal(simulation.state.pieces.get(1)?.heldBy, ann.self?.id);
});

test("of two who grab it at once one gets it, and both see who", async () => {
  const simulation = simulate(piecesRoom, { create });
  const ann = simulation.join("ann", { latencyMs: 40 }); // one way
  const ben = simulation.join("ben", { latencyMs: 10, jitterMs: 30 });
  await simulation.settle();

  const grabs = [ann.do.grab({ id: 1 }), ben.do.grab({ id: 1 })];
  assert.equal(ann.state.pieces.get(1)?.heldBy, ann.self?.id); // shown at once: a guess, and here a wrong one
  const ends = await simulation.until(Promise.allSettled(grabs));
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
  await simulation.settle(); // throws unless everybody shows what the room holds
  assert.equal(ann.state.pieces.get(1)?.heldBy, ben.self?.id);
});

test("kill -9 takes back nothing that was answered", async () => {
  const simulation = simulate(piecesRoom, { create, commitMs: 30 });
  const [ann, ben] = [simulation.join("ann"), simulation.join("ben")];
  await simulation.settle();

  await simulation.until(ann.do.grab({ id: 1 }));
  const placed = ann.do.place({ id: 1, x: 7 });
  await simulation.advance(20); // the room has it, the disk has not
  simulation.crash();
  assert.equal(simulation.state.pieces.get(1)?.heldBy, ann.self?.id); // the grab lasts
  assert.equal(simulation.state.pieces.get(1)?.x, 0);

  await simulation.until(placed); // the page comes back and says it again
  await simulation.settle();
  assert.equal(ben.state.pieces.get(1)?.x, 7);
});

test("what was written without a network is there for all when it is back", async () => {
  const simulation = simulate(notesRoom);
  const [ann, ben] = [simulation.join("ann"), simulation.join("ben")];
  await simulation.settle();

  const network = simulation.network(ann);
  network.cut();
  ann.doc.getText("body").insert(0, "on the train");
  ben.doc.getText("body").insert(0, "at home, ");
  await simulation.advance(60 * 60_000);
  assert.deepEqual([ann.sync.state, ben.doc.getText("body").toJSON()], ["offline", "at home, "]);

  network.restore();
  await simulation.settle();
  assert.equal(ann.doc.getText("body").toJSON(), ben.doc.getText("body").toJSON());
});

test("who has left for good holds nothing, and the room's own code was told", async () => {
  const simulation = simulate(piecesRoom, { create, leaveGraceMs: 5000 });
  const ann = simulation.join("ann");
  await simulation.settle();
  await simulation.until(ann.do.grab({ id: 1 }));
  await simulation.until(ann.do.place({ id: 1, x: 7 }));
  await simulation.until(ann.do.grab({ id: 2 }));

  await simulation.sleep(); // memory is gone, the sockets are open
  ann.destroy();
  await simulation.advance(10_000);
  assert.equal(simulation.state.pieces.get(2)?.heldBy, 0);
  assert.deepEqual(
    simulation.told.map(({ call }) => call),
    ["onJoin", "onEvent", "onLeave", "onEmpty"],
  );
});

test("whatever is played, everybody agrees in the end", async () => {
  await play(20, async (seed) => {
    const simulation = simulate(piecesRoom, { create, seed, jitterMs: 50, loss: 0.05 });
    const { draw } = simulation;
    const players = ["ann", "ben", "cleo"].map((name) => simulation.join(name));
    await simulation.settle();
    for (let step = 0; step < 30; step++) {
      const player = draw.one(players);
      const id = draw.below(4);
      const done = draw.chance(0.5) ? player.do.grab({ id }) : player.do.place({ id, x: draw.below(100) });
      done.catch((error) => assert.ok(player.isRejection(error), String(error))); // refused by the rules, and by nothing else
      if (draw.chance(0.05)) simulation.crash();
      if (draw.chance(0.05)) simulation.network(player).drop(); // its socket breaks
      await simulation.advance(draw.below(100));
    }
    await simulation.settle();
    assert.equal(simulation.rerun(), undefined); // the journal, by the rules once more: the same answers and the same state
    assert.deepEqual(simulation.logged, []); // no rule threw
  });
});
