/** What a month costs: each line against sums done by hand, and the examples of the platform's own price page. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charge, line, sumOf, type Bill } from "../../load/cost/bill.ts";
import { durableObjects, gbSeconds, objectRequests } from "../../load/cost/durable-objects.ts";
import { estimate, machinesWinFrom } from "../../load/cost/estimate.ts";
import { amount, dollars } from "../../load/cost/figures.ts";
import { actingMs, unitsOf } from "../../load/cost/functions.ts";
import { machinesFor, peakOf } from "../../load/cost/machines.ts";
import { MEASURED, type Measured, type RoomUse } from "../../load/cost/measured.ts";
import { AWS, CLOUDFLARE, SOURCES } from "../../load/cost/prices.ts";
import { DEFAULTS, RANGES, scenarioOf, type Amount, type Scenario } from "../../load/cost/scenario.ts";
import { verdict } from "../../load/cost/show.ts";
import { usageOf } from "../../load/cost/usage.ts";
import { fit } from "../../load/growth/fit.ts";

/** Figures that can be multiplied in the head. */
const ROOM: RoomUse = {
  players: 10,
  rate: 10,
  actions: 1,
  framesIn: 110,
  framesOut: 600,
  bytesIn: 1000,
  bytesOut: 5000, // 10 × 10 moves to each of 10: 5 bytes each
  journalRows: 10,
  journalBytes: 300,
  rowsWritten: 10,
  awake: 1,
  cpu: 0.05,
  joinCpuMs: 2,
  joinBytesOut: 10_000,
  joinRowsRead: 5,
  joinRowsWritten: 2, // 20 to make a room
  stored: 50_000,
};
const ROUND: Measured = {
  date: "2026-11-25T00:00Z",
  machine: "a table",
  versions: "none",
  game: { reference: ROOM, rooms: [ROOM], billedRowsPerRow: 2 },
  document: {
    reference: { ...ROOM, actions: 10, framesIn: 100 },
    rooms: [{ ...ROOM, actions: 10, framesIn: 100 }],
    billedRowsPerRow: 2,
  },
  machines: { colyseusCpuMsPerMove: 0.04, hocuspocusCpuMsPerEdit: 0.2 },
  rewriteMsPerMB: 10,
};
const GAME: Scenario = {
  kind: "game",
  client: "sdk",
  players: 1000,
  hours: 1,
  rate: 10,
  actions: 1,
  roomSize: 10,
  idle: 0.5,
  stateMB: 4,
};
const lineOf = ({ lines }: Bill, name: RegExp): Bill["lines"][number] => lines.find((line) => name.test(line.name))!;

describe("the platform's own examples come out as its price page has them", () => {
  const compute = (requests: number, seconds: number): number =>
    sumOf([
      line("plan", 1, "month", CLOUDFLARE.plan),
      line("requests", requests, "requests", CLOUDFLARE.objectRequests),
      line("duration", gbSeconds(seconds), "GB-s", CLOUDFLARE.gbSeconds),
    ]);
  const MONTH_S = 30 * 24 * 3600;

  test("1: called 1.5 million times, active for a million seconds", () => {
    expect(compute(objectRequests(1_500_000, 0), 1_000_000)).toBeCloseTo(5.15, 6);
  });
  test("2: a hundred objects of fifty sockets, a message a minute, eight hours a day", () => {
    expect(compute(objectRequests(150_000, 50 * 100 * 60 * 8 * 30), 100 * 8 * 30 * 3600)).toBeCloseTo(142.95, 6);
  });
  test("3: a hundred objects of one socket, a message a second, never asleep", () => {
    expect(compute(objectRequests(100, 100 * MONTH_S), 100 * MONTH_S)).toBeCloseTo(419.3, 6);
  });
  test("4: a hundred objects of a hundred sockets that hibernate", () => {
    expect(compute(objectRequests(10_000, 100 * 100 * 60 * 24 * 30), 100 * 60 * 24 * 30)).toBeCloseTo(20.65, 6);
  });
});

test("twenty WebSocket messages are one request, and each other request is one", () => {
  expect(objectRequests(0, 20)).toBe(1);
  expect(objectRequests(7, 100)).toBe(12);
});

test("what is included is not billed, and only the platform that says so bills what is begun whole", () => {
  expect(charge(CLOUDFLARE.rowsWritten, 50e6)).toBe(0);
  expect(charge(CLOUDFLARE.rowsWritten, 50e6 + 1)).toBe(1);
  expect(charge(AWS.requests, 1.5e6)).toBeCloseTo(0.1, 9);
  expect(charge(CLOUDFLARE.storedGB, 7.5)).toBeCloseTo(0.5, 9);
});

describe("a month of a thousand people, an hour a day, ten in a room that is quiet half of the time", () => {
  const usage = usageOf(GAME, ROUND);
  const [rooms, functions, machines] = estimate(GAME, ROUND).bills;

  test("hours, rooms and messages", () => {
    expect(usage.playerHours).toBe(30_000);
    expect(usage.roomSeconds).toBe(10_800_000);
    expect(usage.busySeconds).toBe(5_400_000);
    expect(usage.joins).toBe(60_000);
    expect(usage.messages).toBe(5_400_000 * 10 * 11); // ten moves and one action
    expect(usage.rooms).toBe(1500);
  });
  test("rows: each action one, twice, the joins', an alarm a minute and a join, and twenty to make a room", () => {
    const alarms = 10_800_000 / 60 + 60_000;
    expect(usage.journalRows).toBe(54_000_000 + 60_000);
    expect(usage.rowsWritten).toBe(2 * 54_060_000 + alarms + 1500 * 20);
    expect(lineOf(rooms, /Rows written/).dollars).toBe(59); // 108.39 M, 50 included, begun ones whole
  });
  test("a busy room is awake all of its time, and a quiet one but for its look a minute", () => {
    expect(usage.awakeSeconds).toBeCloseTo(5_400_000 + 180_000 * 0.02, 3);
    expect(lineOf(rooms, /awake/).amount).toBeCloseTo((5_400_000 + 3600) * 0.128, 3);
    expect(lineOf(rooms, /awake/).dollars).toBe(12.5); // 692 k, 400 k included
  });
  test("requests: messages by twenty, three for each join, the alarms", () => {
    expect(lineOf(rooms, /Room requests/).amount).toBe(594_000_000 / 20 + 180_000 + 240_000);
    expect(lineOf(rooms, /Room requests/).dollars).toBeCloseTo(30 * 0.15, 9); // 30.12 M, one included, begun ones whole
    expect(lineOf(rooms, /Worker requests/).amount).toBe(180_000);
    expect(lineOf(rooms, /Worker CPU/).amount).toBe(360_000);
  });
  test("bytes: stored, and to players, which this platform does not bill", () => {
    expect(usage.storedGB).toBeCloseTo(0.075, 9);
    expect(usage.egressGB).toBeCloseTo((5_400_000 * 100 * 10 * 5 + 60_000 * 10_000) / 1e9, 9);
    expect(lineOf(rooms, /Traffic/).dollars).toBe(0);
    expect(rooms.total).toBeCloseTo(5 + 59 + 12.5 + 4.5, 9);
  });
  test("functions: an action reads and writes all of the state, and everybody asks once a second", () => {
    const saves = 54_000_000;
    const polls = 54_000_000 + 54_000_000 * 0.2;
    expect(unitsOf(4, "read")).toBe(977);
    expect(unitsOf(4, "write")).toBe(3907);
    expect(actingMs(4, 10)).toBe(10 + 4 * (10 + 16));
    expect(lineOf(functions, /Function requests/).dollars).toBeCloseTo(((saves + polls + 60_000 - 1e6) / 1e6) * 0.2, 6);
    expect(lineOf(functions, /Function time/).amount).toBeCloseTo(
      (saves + 60_000) * 0.114 * (1769 / 1024) + polls * 0.01 * 0.125,
      0,
    );
    expect(lineOf(functions, /State read/).dollars).toBeCloseTo(((saves + 60_000) * 977 * 0.125) / 1e6, 4);
    expect(lineOf(functions, /State written/).dollars).toBeCloseTo((saves * 3907 * 0.625) / 1e6, 4);
    expect(lineOf(functions, /News/).amount).toBe(polls);
  });
  test("machines: three times the average, at six tenths of what they bear, and never fewer than two", () => {
    expect(peakOf(GAME)).toBe(125);
    expect(machinesFor(GAME, ROUND)).toBe(2);
    expect(machines.total).toBe(2 * 42 + 12 + 15);
    const many = { ...GAME, players: 1_000_000 };
    expect(peakOf(many)).toBe(125_000);
    expect(machinesFor(many, ROUND)).toBe(Math.ceil((125_000 * 10 * 0.04) / 1000 / 0.6 / 2)); // 42
    expect(peakOf({ ...GAME, hours: 24 })).toBe(1000); // not more than there are
  });
  test("each total is the sum of its lines, and each line has a source with a date", () => {
    for (const { lines, total } of [rooms, functions, machines]) {
      expect(total).toBeCloseTo(
        lines.reduce((sum, { dollars }) => sum + dollars, 0),
        9,
      );
      for (const { price } of lines) expect(SOURCES[price.source]).toMatchObject({ url: /^https:/, asOf: /^20\d\d/ });
    }
  });
});

test("a document is a row for each keystroke, up to what a room writes in a second", () => {
  const document: Scenario = { ...GAME, kind: "document", rate: 1, idle: 0 };
  expect(usageOf(document, ROUND).journalRows).toBe(10_800_000 * 10 + 60_000);
  expect(usageOf({ ...document, rate: 8 }, ROUND).journalRows).toBe(10_800_000 * 31.25 + 60_000);
});

test("[P7] a quiet room costs its look a minute with the SDK, and a wake every 15 s for each y-websocket client", () => {
  const quiet: Scenario = { ...GAME, kind: "document", rate: 1, idle: 1 };
  const sdk = usageOf(quiet, ROUND);
  const stock = usageOf({ ...quiet, client: "y-websocket" }, ROUND);
  expect(sdk.messages).toBe(0);
  expect(stock.messages).toBe((10_800_000 * 10) / 15);
  expect(sdk.awakeSeconds).toBeCloseTo(3600, 6);
  expect(stock.awakeSeconds).toBeCloseTo(3600 + ((10_800_000 * 10) / 15) * 0.02, 3);
  const bill = (client: Scenario["client"]): Bill => durableObjects({ ...quiet, client }, client === "sdk" ? sdk : stock, ROUND);
  expect(bill("y-websocket").notes.join()).toContain("every 15 s");
  expect(bill("sdk").notes.join()).not.toContain("every 15 s");
});

test("the client's frames are bounded by what the SDK sends, whatever the rate", () => {
  const messages = (rate: number): number => usageOf({ ...GAME, rate, actions: 0 }, ROUND).messages / 5_400_000 / 10;
  expect(messages(10)).toBe(10);
  expect(messages(30)).toBe(30);
  expect(usageOf({ ...GAME, rate: 30, actions: 5 }, ROUND).messages / 5_400_000 / 10).toBeCloseTo(1000 / 33, 9);
});

/** What is counted at both ends of a few seconds is not counted at the same instant. */
const EDGE = 0.97;

test("what was measured is never more than what is reckoned with for the same room", () => {
  for (const kind of ["game", "document"] as const)
    for (const room of MEASURED[kind].rooms) {
      const usage = usageOf(
        { ...DEFAULTS[kind], roomSize: room.players, rate: room.rate, actions: room.actions, idle: 0 },
        MEASURED,
      );
      const [own, busy] = [`${kind} of ${room.players} at ${room.rate}`, usage.busySeconds];
      expect.soft(usage.messages / busy, `messages, ${own}`).toBeGreaterThanOrEqual(room.framesIn * EDGE);
      expect.soft(usage.awakeSeconds / busy, `awake, ${own}`).toBeGreaterThanOrEqual(room.awake * EDGE);
      expect.soft(usage.journalRows / busy, `rows, ${own}`).toBeGreaterThanOrEqual(room.journalRows * EDGE);
    }
});

test("more people never cost less, on any of the three", () => {
  const number = (name: Amount): fc.Arbitrary<number> => fc.double({ min: RANGES[name].from, max: RANGES[name].to, noNaN: true });
  const scenario = fc.record({
    kind: fc.constantFrom("game" as const, "document" as const),
    client: fc.constant("sdk" as const),
    players: fc.integer({ min: 1, max: 1_000_000 }),
    hours: number("hours"),
    rate: number("rate"),
    actions: number("actions"),
    roomSize: fc.integer({ min: 1, max: 1000 }),
    idle: fc.double({ min: 0, max: 1, noNaN: true }),
    stateMB: number("stateMB"),
  });
  fc.assert(
    fc.property(scenario, fc.integer({ min: 1, max: 1_000_000 }), (scenario, more) => {
      const [few, many] = [estimate(scenario, MEASURED), estimate({ ...scenario, players: scenario.players + more }, MEASURED)];
      for (const [index, { total }] of few.bills.entries()) expect(many.bills[index]!.total).toBeGreaterThanOrEqual(total);
    }),
    { numRuns: 200 },
  );
});

test("the number of people from which machines cost less is where the two bills cross, and is said", () => {
  const from = machinesWinFrom(GAME, ROUND)!;
  const difference = (players: number): number => {
    const [rooms, , machines] = estimate({ ...GAME, players }, ROUND).bills;
    return rooms.total - machines.total;
  };
  expect(difference(from)).toBeGreaterThan(0);
  expect(difference(Math.floor(from / 1.1) - 1)).toBeLessThanOrEqual(0);
  expect(verdict(estimate({ ...GAME, players: 10 * from }, ROUND), ROUND)).toMatch(/^The cheapest here: Rented machines\. /);
  expect(verdict(estimate({ ...GAME, players: 10 }, ROUND), ROUND)).toMatch(/^The cheapest here: Coterie on Durable Objects\. /);
  expect(machinesWinFrom({ ...GAME, idle: 1, hours: 0.01 }, ROUND)).toBeUndefined();
});

describe("flags", () => {
  test.each([
    [{ players: "many" }, 'players "many": expected people a day, a whole number from 1 to 100000000'],
    [{ players: "1.5" }, 'players "1.5": expected people a day, a whole number'],
    [{ hours: "25" }, 'hours "25": expected hours a day, each, a number from 0.01 to 24'],
    [{ idle: "-0.1" }, 'idle "-0.1": expected share of the time'],
    [{ rate: "" }, 'rate "": expected moves or keystrokes a second'],
    [{ kind: "chess" }, 'kind "chess": expected game or document'],
    [{ client: "yjs" }, 'client "yjs": expected sdk or y-websocket'],
    [{ client: "y-websocket" }, 'client "y-websocket" with kind "game": expected kind document'],
  ])("%j is refused with what came and what was expected", (said, message) => {
    expect(() => scenarioOf(said)).toThrow(message);
  });
  test("what is not said is as usual for its kind", () => {
    expect(scenarioOf({ players: "10000", hours: "2", rate: "30" })).toEqual({
      ...DEFAULTS.game,
      players: 10_000,
      hours: 2,
      rate: 30,
    });
    expect(scenarioOf({ kind: "document" })).toEqual(DEFAULTS.document);
  });
});

test("npm run cost prints every line and source; --json is the same reckoning; a bad flag ends it with 1", async () => {
  const command = fileURLToPath(new URL("../../load/cost.ts", import.meta.url));
  const run = (...flags: string[]): Promise<{ stdout: string }> => promisify(execFile)(process.execPath, [command, ...flags]);
  const [text, json, bad] = await Promise.allSettled([
    run("--players", "10000", "--hours", "2", "--rate", "30"),
    run("--players", "10000", "--hours", "2", "--rate", "30", "--json"),
    run("--players", "lots"),
  ]);
  if (text.status === "rejected" || json.status === "rejected") throw new Error("it failed", { cause: [text, json] });
  const expected = estimate(scenarioOf({ players: "10000", hours: "2", rate: "30" }), MEASURED);
  expect(JSON.parse(json.value.stdout)).toMatchObject({
    scenario: expected.scenario,
    bills: JSON.parse(JSON.stringify(expected.bills)) as unknown,
  });
  for (const { name, lines, total } of expected.bills) {
    expect(text.value.stdout).toContain(`\n${name}\n`);
    expect(text.value.stdout).toMatch(new RegExp(`a month +\\${dollars(total)}\n`));
    for (const line of lines) {
      expect(text.value.stdout).toContain(line.name);
      expect(text.value.stdout).toContain(SOURCES[line.price.source].url);
    }
  }
  expect(bad).toMatchObject({ status: "rejected", reason: { code: 1, stderr: /players "lots": expected people a day/ } });
});

test("amounts and dollars are written as people read them", () => {
  expect([0, 0.153, 9.5, 12.4, 1574.6].map(dollars)).toEqual(["$0", "$0.15", "$9.50", "$12", "$1,575"]);
  expect([2, 345_000, 1.624e9].map(amount)).toEqual(["2", "345k", "1.62G"]);
});

test("growth: the power is found of what is one, and nothing where there is but one size", () => {
  const power = [10, 100, 1000].map((x) => [x, 3 * x ** 1.5] as const);
  expect(fit(power)).toMatchObject({ exponent: expect.closeTo(1.5, 9), factor: expect.closeTo(3, 9), r2: expect.closeTo(1, 9) });
  expect(
    fit([
      [10, 5],
      [100, 5],
      [1000, 5],
    ]),
  ).toMatchObject({ exponent: expect.closeTo(0, 9), r2: 1 });
  expect(fit([[10, 5]])).toBeUndefined();
  expect(
    fit([
      [10, 0],
      [100, 5],
      [1000, Number.NaN],
    ]),
  ).toBeUndefined();
});
