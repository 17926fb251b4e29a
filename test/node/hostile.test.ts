/**
 * A client that says what the SDK never would. Whatever it says: the room's state and `seq` stay as they were, nobody else
 * is sent anything or closed, and at most the offender goes.
 */
import { defineRoom, t } from "coterie";
import * as encoding from "lib0/encoding";
import { serialize } from "node:v8";
import { beforeEach, describe, expect, test } from "vitest";
import { HARD_BYTES } from "../../server/room/flow.ts";
import type { Facts } from "../../server/room/connections.ts";
import { readAnswers, readFault, writeAct, type Answer, type Fault } from "../../shared/protocol/action.ts";
import { DOWN } from "../../shared/protocol/down.ts";
import { encode, readFrame } from "../../shared/protocol/frame.ts";
import { writeMove } from "../../shared/protocol/game.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import { KEPT_ANSWERS, MAX_FRAME_BYTES } from "../../shared/protocol/limits.ts";
import { writeEventUp } from "../../shared/protocol/people.ts";
import { readUp, UP } from "../../shared/protocol/up.ts";
import { board, boardRoom } from "../kit/board-game.ts";
import { boardSimulation, canonical, join, type Player } from "../kit/board.ts";
import { frameOf, helloFrame } from "../kit/frames.ts";
import { Intruder } from "../kit/intruder.ts";
import { Draw, SEED } from "../kit/random.ts";
import { simulate, type Simulation } from "../kit/simulation.ts";

const rules = board["~rules"];
const ACTION = Object.fromEntries(rules.actions.map(({ name, number }) => [name, number])) as Record<
  "grab" | "drop" | "add" | "roll" | "broken" | "waver" | "rare",
  number
>;
const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
const act = (number: number, action: number, input: Uint8Array = bytes()): Uint8Array =>
  frameOf([UP.act, writeAct({ number, action, input })]);
const u16 = (n: number): readonly number[] => [n & 0xff, n >> 8];
const add = (number: number, n = 1): Uint8Array => act(number, ACTION.add, bytes(...u16(n)));

let simulation: Simulation;
let ann: Player;
let ben: Player;

beforeEach(async () => {
  simulation = boardSimulation();
  ann = await join(simulation, "ann");
  ben = await join(simulation, "ben");
  void ann.room.do.grab({ id: 1 });
  await simulation.advance(500);
});

class Stranger extends Intruder {
  constructor(facts?: Partial<Facts>) {
    super(simulation, facts);
  }

  /** In the room, its welcome read and forgotten. */
  async in(session = "eve-1"): Promise<this> {
    this.says(helloFrame(boardRoom, session));
    await simulation.advance(100);
    this.sent.length = 0;
    return this;
  }

  #messages<T>(type: number, read: (body: Parameters<typeof readFault>[0]) => T): T[] {
    return this.sent.flatMap((frame) => [...readFrame(frame)].filter((each) => each.type === type).map(({ body }) => read(body)));
  }
  get faults(): Fault[] {
    return this.#messages(DOWN.fault, readFault);
  }
  get answers(): [number, Answer][] {
    return this.#messages(DOWN.answers, readAnswers).flatMap(({ answers }) =>
      answers.map(({ number, answer }) => [number, answer] as [number, Answer]),
    );
  }
}

/** What must not change: the state as others have it, as a newcomer would get it, the journal, and what others were sent. */
async function untouched(happen: () => void | Promise<void>): Promise<void> {
  const look = (): unknown => ({
    state: [canonical(ann.room.confirmed), canonical(ben.room.state)],
    rows: simulation.store.rows(0).length,
    status: [ann.room.status, ben.room.status],
    others: ann.room.others.map(({ user }) => user.id),
  });
  const before = look();
  simulation.sent.length = 0;
  await happen();
  await simulation.advance(100);
  expect(look()).toEqual(before);
  expect(simulation.sent).toEqual([]);
}

describe("before hello", () => {
  test("[P5] every type but hello is refused with 4400, whatever is in it", async () => {
    await untouched(() => {
      for (let type = 0; type < 256; type++) {
        if (type === UP.hello) continue;
        for (const body of [bytes(), bytes(1), bytes(1, 0, 0, 0, 0)])
          expect([type, new Stranger().says(frameOf([type, body])).closed]).toEqual([type, 4400]);
      }
    });
  });

  test("a socket that has not said hello is told nothing and shown to nobody", async () => {
    const eve = new Stranger();
    ann.room.broadcast("wave", { hand: "left" });
    void ann.room.do.add({ n: 1 });
    await simulation.advance(200);
    expect([eve.sent, ben.room.others.map(({ user }) => user.id)]).toEqual([[], ["ann"]]);
  });

  test("[P5] a hello that is cut short or lies is closed, and neither makes the room nor closes its own other socket", async () => {
    const good = helloFrame(boardRoom, "eve-1");
    const first = await new Stranger().in();
    for (const bad of [
      ...Array.from({ length: good.length - 1 }, (_, length) => good.subarray(0, length + 1)),
      helloFrame(boardRoom, "eve-1", { presence: bytes(7) }),
      helloFrame(boardRoom, "eve-1", { presence: bytes(0, 200) }),
      helloFrame(boardRoom, "x".repeat(65)),
      helloFrame(boardRoom, ""),
    ])
      expect(new Stranger().says(bad).closed).toBe(4400);
    expect(new Stranger().says(helloFrame(boardRoom, "eve-1", { presence: new Uint8Array(5000) })).closed).toBe(4413);
    for (const old of [{ protocol: 0 }, { protocol: PROTOCOL_VERSION + 1 }, { gameVersion: 0 }, { gameVersion: 99 }])
      expect(new Stranger().says(helloFrame(boardRoom, "eve-1", old)).closed).toBe(4426);
    expect(first.closed).toBeUndefined();
    const empty = simulate(boardRoom);
    const socket = { send() {}, close() {}, attach() {}, heardAt: () => Infinity };
    const facts = { user: { id: "eve" }, scopes: ["read", "create"] as const, expiresAt: Infinity };
    for (const create of [bytes(), bytes(1), null]) {
      empty.room.receive(empty.room.connect(socket, facts), helloFrame(boardRoom, "s", { create, presence: bytes(0, 0) }));
      empty.room.receive(
        empty.room.connect(socket, facts),
        helloFrame(boardRoom, "s", { create: bytes(5, 0), presence: bytes(9) }),
      );
    }
    expect(empty.store.birth()).toBeUndefined();
  });

  test("a seq the room has never had is given the whole state", async () => {
    for (const seq of [1, 1e6, Number.MAX_SAFE_INTEGER])
      for (const epoch of [0, 1, simulation.store.birth()!.createdAt]) {
        const eve = new Stranger().says(helloFrame(boardRoom, `s-${seq}-${epoch}`, { seq, epoch }));
        await simulation.advance(100);
        const types = eve.sent.flatMap((frame) => [...readFrame(frame)].map(({ type }) => type));
        const resumes = seq === 1 && epoch > 1;
        expect([eve.closed, types.includes(resumes ? DOWN.delta : DOWN.state)]).toEqual([undefined, true]);
      }
  });
});

describe("in the room", () => {
  test("[P5] hello twice, and types nobody knows, close the offender with 4400", async () => {
    for (let type = 0; type < 256; type++) {
      if (Object.values<number>(UP).includes(type) && type !== UP.hello) continue;
      const eve = await new Stranger().in(`eve-${type}`);
      const frame = type === UP.hello ? helloFrame(boardRoom, "eve-1") : frameOf([type, bytes(0)]);
      expect([type, eve.says(frame).closed]).toEqual([type, 4400]);
    }
    expect([ann.room.status, ben.room.status]).toEqual(["connected", "connected"]);
  });

  test("[P5] a frame of 65,536 bytes is read, one byte more is closed with 4413", async () => {
    const eve = await new Stranger().in();
    const longest = frameOf([UP.act, new Uint8Array(MAX_FRAME_BYTES - 4)]);
    expect(longest.length).toBe(MAX_FRAME_BYTES);
    eve.says(longest);
    expect(eve.closed).toBeUndefined();
    const late = new Stranger();
    await untouched(() => expect(late.says(new Uint8Array(MAX_FRAME_BYTES + 1)).closed).toBe(4413));
    expect(eve.says(new Uint8Array(MAX_FRAME_BYTES + 1)).closed).toBe(4413);
  });

  test("[P5] input that does not fit is refused by name, uses up no number, and what follows runs", async () => {
    const eve = await new Stranger().in();
    await untouched(() => {
      for (const [action, input, words] of [
        [ACTION.drop, bytes(...u16(1), 0, 0, 0, 0, 9), "drop: 1 bytes after its input"],
        [ACTION.roll, bytes(1), "roll: 1 bytes after its input"],
        [99, bytes(), "action 99, expected 0 to 6"],
        [2 ** 40, bytes(), "expected 0 to 6"],
      ] as const) {
        eve.sent.length = 0;
        eve.says(act(1, action, input));
        expect(eve.faults).toMatchObject([{ number: 1, message: expect.stringContaining(words) as string }]);
      }
    });
    eve.says(add(1, 7));
    await simulation.advance(100);
    expect([eve.closed, eve.answers]).toEqual([undefined, [[1, { kind: "done", json: "7" }]]]);
  });

  test("[P5] of a frame that gets its sender closed nothing more is done", async () => {
    const eve = await new Stranger().in();
    const unread = [...simulation.room.connections].at(-1)!;
    unread.flow.sent(HARD_BYTES + 1);
    const { total } = ann.room.confirmed.meta;
    eve.says(bytes(...act(1, 99), ...add(1, 7)));
    await simulation.advance(200);
    expect([eve.closed, ann.room.confirmed.meta.total]).toEqual([4530, total]);
  });

  test("[P5] bytes that end too soon are malformed", async () => {
    for (const input of [bytes(), bytes(1)]) {
      const eve = await new Stranger().in(`eve-${input.length}`);
      expect(eve.says(act(1, ACTION.add, input)).closed ?? eve.faults[0]?.code).toSatisfy(
        (it) => it === 4400 || it === "bad-input",
      );
    }
    expect(ann.room.state.meta.total).toBe(0);
  });

  test("[P5] what the rules refuse is answered, and changes nothing: another's piece, no piece, coordinates at the edge", async () => {
    const eve = await new Stranger().in();
    const before = canonical(ann.room.confirmed);
    eve.says(act(1, ACTION.grab, bytes(...u16(1))));
    eve.says(act(2, ACTION.drop, bytes(...u16(1), 0, 0x80, 0xff, 0x7f)));
    eve.says(act(3, ACTION.grab, bytes(...u16(60_000))));
    eve.says(act(4, ACTION.waver));
    eve.says(act(5, ACTION.broken));
    await simulation.advance(100);
    expect(eve.answers.map(([, answer]) => ("code" in answer ? answer.code : answer))).toEqual([
      "held",
      "not-yours",
      "gone",
      "gone",
      "internal",
    ]);
    expect([canonical(ann.room.confirmed), eve.closed]).toEqual([before, undefined]);
  });

  test("[P5] a stream for another's row, or for none, is dropped without a word; what is no stream is named", async () => {
    const eve = await new Stranger().in();
    const at = bytes(0, 0, 0, 0);
    await untouched(() => {
      for (const row of [1, 2, 999, 2 ** 31, Number.MAX_SAFE_INTEGER]) eve.says(frameOf([UP.move, writeMove(0, row, at)]));
      expect([eve.sent, eve.closed]).toEqual([[], undefined]);
      eve.says(frameOf([UP.move, writeMove(1, 1, at)], [UP.move, writeMove(0, 1, bytes(...at, 1))]));
      expect(eve.faults.map(({ code, number }) => [code, number])).toEqual([
        ["unknown-action", 0],
        ["bad-input", 0],
      ]);
    });
  });

  test("[P2] numbers with gaps, before their turn, of yesterday or huge: nothing runs that should not", async () => {
    const eve = await new Stranger().in();
    await untouched(() => {
      for (const number of [2, 3, 64, 65, 2 ** 31, Number.MAX_SAFE_INTEGER, 0]) eve.says(add(number));
      expect(eve.faults.map(({ code }) => code)).toEqual(Array(7).fill("session-expired"));
    });
    eve.says(add(1, 5));
    await simulation.advance(100);
    eve.sent.length = 0;
    await untouched(async () => {
      for (const number of [3, 2 ** 31, Number.MAX_SAFE_INTEGER]) eve.says(add(number, 100));
      expect(eve.faults.map(({ code }) => code)).toEqual(["gap", "gap", "gap"]);
      for (const number of [0, 1]) eve.says(add(number, 100));
      await simulation.advance(100);
      expect(eve.answers).toEqual([
        [0, { kind: "broke", code: "done" }],
        [1, { kind: "done", json: "5" }],
      ]);
    });
    expect(eve.closed).toBeUndefined();
  });

  test("[P2] an action behind a refused one is a gap, not refused in its own right: the numbers it has are not final", async () => {
    const eve = await new Stranger().in();
    for (const number of [1, 2, 3, 4]) eve.says(act(number, ACTION.rare));
    await simulation.advance(100);
    expect(eve.answers.map(([number]) => number)).toEqual([1]);
    expect(eve.faults.map(({ number, code }) => [number, code])).toEqual([
      [2, "rate-limited"],
      [3, "gap"],
      [4, "gap"],
    ]);
  });

  test("[P2] a resend is answered, whatever the action's rate", async () => {
    const eve = await new Stranger().in();
    eve.says(act(1, ACTION.rare));
    await simulation.advance(1100);
    eve.says(act(2, ACTION.rare));
    await simulation.advance(100);
    const again = await new Stranger().in();
    for (const number of [1, 2]) again.says(act(number, ACTION.rare));
    await simulation.advance(100);
    expect([again.faults, again.answers.map(([number, { kind }]) => [number, kind])]).toEqual([
      [],
      [
        [1, "done"],
        [2, "done"],
      ],
    ]);
  });

  test("[P2] answers are kept for the last 64; an older number is done, never run again", async () => {
    const eve = await new Stranger().in();
    for (let number = 1; number <= KEPT_ANSWERS + 5; number++) eve.says(add(number));
    await simulation.advance(200);
    const before = canonical(ann.room.confirmed);
    eve.sent.length = 0;
    for (let number = 1; number <= 6; number++) eve.says(add(number));
    await simulation.advance(200);
    expect(eve.answers).toEqual([
      ...[1, 2, 3, 4, 5].map((number) => [number, { kind: "broke", code: "done" }]),
      [6, { kind: "done", json: "6" }],
    ]);
    expect(canonical(ann.room.confirmed)).toBe(before);
  });

  test("[P8] a frame full of resends buys one answer each, not one a question", async () => {
    const eve = await new Stranger().in();
    eve.says(add(1));
    await simulation.advance(100);
    eve.sent.length = 0;
    const question = writeAct({ number: 1, action: ACTION.add, input: bytes(1, 0) });
    eve.says(frameOf(...Array.from({ length: 10_000 }, () => [UP.act, question] as const)));
    await simulation.advance(100);
    expect(eve.answers).toEqual([[1, { kind: "done", json: "1" }]]);
  });

  test("[P2] of two users who name the same new session, the second neither sees nor uses up the first one's actions", async () => {
    const eve = await new Stranger().in("same");
    const mallory = await new Stranger({ user: { id: "mallory" } }).in("same");
    eve.says(add(1, 5));
    await simulation.advance(100);
    for (const number of [1, 2]) mallory.says(add(number, 100));
    eve.says(add(2, 6));
    await simulation.advance(100);
    expect([eve.answers.map(([, answer]) => answer), mallory.answers, mallory.faults.map(({ code }) => code)]).toEqual([
      [
        { kind: "done", json: "5" },
        { kind: "done", json: "11" },
      ],
      [],
      ["session-expired", "session-expired"],
    ]);
  });

  test("[P5] presence that does not fit is refused or closes its sender, and nobody sees it", async () => {
    const text = (words: string): Uint8Array => encode((to) => encoding.writeVarString(to, words));
    for (const [body, end] of [
      [bytes(2, ...text("x".repeat(17))), "bad-input"], // a mood of 16 characters at most
      [bytes(4, 0), 4400], // a field that is not declared
      [bytes(0xff, 0xff, 0xff, 0xff, 0x7f), 4400],
      [bytes(1, 2), "bad-input"], // neither null nor a cursor
      [bytes(2, 5, 65), 4400],
    ] as const) {
      const eve = await new Stranger().in(`eve-${end}-${body.length}`);
      const before = ann.room.others.find(({ user }) => user.id === "eve");
      eve.says(frameOf([UP.presence, body]));
      await simulation.advance(100);
      expect([...body, eve.closed ?? eve.faults[0]?.code]).toEqual([...body, end]);
      if (eve.closed === undefined) expect(ann.room.others.find(({ user }) => user.id === "eve")).toEqual(before);
    }
  });

  test("[P8] a flood of events is cut at 256 a beat: the sender hears of it, the others get what fits", async () => {
    const heard: unknown[] = [];
    ann.room.on("event", (event) => heard.push(event));
    const eve = await new Stranger().in();
    const wave = [
      UP.event,
      writeEventUp(
        0,
        encode((to) => encoding.writeVarString(to, "left")),
      ),
    ] as const;
    await simulation.advance(50);
    eve.says(frameOf(wave));
    for (let n = 0; n < 10; n++) eve.says(frameOf(...Array.from({ length: 100 }, () => wave)));
    await simulation.advance(50);
    expect([heard.length, eve.closed, ann.room.status]).toEqual([257, undefined, "connected"]);
    expect([eve.faults.length, eve.faults[0]?.code]).toEqual([1000 - 256, "rate-limited"]);
    expect(eve.says(frameOf([UP.event, writeEventUp(5, bytes())])).faults.at(-1)).toMatchObject({ code: "unknown-action" });
  });

  test("a token that has run out is closed with 4401, at hello and later", async () => {
    const expiresAt = simulation.now + 10_000;
    const eve = await new Stranger({ expiresAt }).in();
    expect(eve.says(add(1)).closed).toBeUndefined();
    await simulation.advance(10_001);
    await untouched(() => {
      expect(new Stranger({ expiresAt }).says(helloFrame(boardRoom, "late")).closed).toBe(4401);
    });
    expect(eve.says(add(2)).closed).toBe(4401);
  });

  test("[P5] who may only read is told so, and stays", async () => {
    const eve = await new Stranger({ scopes: ["read"] }).in();
    await untouched(() => {
      eve.says(
        frameOf([UP.move, writeMove(0, 1, bytes(0, 0, 0, 0))], [UP.presence, bytes(1, 0)], [UP.event, writeEventUp(0, bytes(0))]),
      );
      eve.says(add(1));
      expect([eve.faults.map(({ code }) => code), eve.closed]).toEqual([Array(4).fill("forbidden"), undefined]);
    });
  });

  test("who wrote and now may only read comes back to the same session", async () => {
    const eve = await new Stranger().in();
    eve.says(add(1));
    await simulation.advance(100);
    const back = await new Stranger({ scopes: ["read"] }).in();
    expect([back.closed, eve.closed]).toEqual([undefined, 4409]);
  });
});

test("[P5] 20,000 frames, random and mutated: state and journal as before, bystanders neither closed nor sent anything", async () => {
  const draw = new Draw("hostile", SEED);
  const corpus = [
    helloFrame(boardRoom, "eve"),
    act(1, ACTION.add, bytes(1)),
    act(1, ACTION.grab, bytes(...u16(1))),
    act(3, ACTION.drop, bytes(...u16(1), 0, 0, 0, 0)),
    frameOf([UP.move, writeMove(0, 1, bytes(1, 0, 1, 0))]),
    frameOf([UP.presence, bytes(3, 0, 1, 65)]),
    frameOf([UP.event, writeEventUp(0, bytes(1, 65))]),
  ];
  const mutate = (frame: Uint8Array): Uint8Array => {
    const bad = Uint8Array.from(frame);
    for (let n = draw.below(3); n >= 0; n--) bad[draw.below(bad.length)] = draw.below(256);
    return draw.chance(0.2) ? bad.subarray(0, draw.below(bad.length + 1)) : bad;
  };
  let [closed, survived] = [0, 0];
  // Sockets that have not said hello, and must not get in.
  await untouched(() => {
    for (let n = 0; n < 16_000; n++) {
      const eve = new Stranger({ user: { id: `eve-${n}` } }); // one user would soon be cut for the rate alone
      const frame = draw.chance(0.3) ? draw.bytes(1 + draw.below(40)) : mutate(draw.one(corpus.slice(1)));
      eve.says(frame);
      if (eve.closed === undefined) survived++;
      else closed++;
      expect(eve.sent, `SEED=${SEED} frame ${n}: ${Buffer.from(frame).toString("hex")}`).toEqual([]);
    }
  });
  expect([closed > 15_000, survived < 1000]).toEqual([true, true]);
  // A writer who is in, with numbers whose turn it never is.
  let eve = await new Stranger().in("eve-0");
  const before = [canonical(ann.room.confirmed), simulation.store.rows(0).length];
  let runs = 0;
  while (runs < 4000) {
    const frame = mutate(act(1000 + draw.below(1000), draw.below(9), draw.bytes(draw.below(8))));
    if (numbers(frame).includes(1)) continue; // by chance its turn
    runs++;
    eve.says(frame);
    await simulation.advance(10);
    if (eve.closed !== undefined) eve = await new Stranger().in("eve-0");
  }
  await simulation.advance(1000);
  expect([canonical(ann.room.confirmed), simulation.store.rows(0).length]).toEqual(before);
  expect([canonical(ben.room.state), ann.room.status, ben.room.status]).toEqual([before[0], "connected", "connected"]);
}, 30_000);

/** The action numbers in a frame, as far as it can be read. */
function numbers(frame: Uint8Array): number[] {
  const found: number[] = [];
  try {
    for (const message of readFrame(frame)) {
      const up = readUp(message);
      if (up.kind === "act") found.push(up.number);
    }
  } catch {
    // what comes before the damage counts
  }
  return found;
}

test("[P8] presence over 4 KB is refused at the door and inside, and nobody else waits for it", async () => {
  const wide = defineRoom({ name: "wide", presence: t.struct({ bio: t.str(60_000) }) });
  const room = simulate(wide);
  const ended: number[] = [];
  const attached: number[] = [];
  const sent: Uint8Array[] = [];
  const socket = {
    send: (frame: Uint8Array) => void sent.push(frame),
    close: (code: number) => void ended.push(code),
    attach: (it: unknown) => void attached.push(serialize(it).length),
    heardAt: () => Infinity,
  };
  const facts = { user: { id: "eve" }, scopes: ["read", "presence"] as const, expiresAt: Infinity };
  const bio = (length: number): Uint8Array => encode((to) => encoding.writeVarString(to, "x".repeat(length)));
  room.room.receive(
    room.room.connect(socket, { ...facts, scopes: ["read", "create"] }),
    helloFrame(wide, "a", { presence: bio(20_000) }),
  );
  expect(ended).toEqual([4413]);
  const inside = room.room.connect(socket, { ...facts, scopes: ["read", "presence", "create"] });
  room.room.receive(inside, helloFrame(wide, "b", { presence: bio(4000) }));
  await room.advance(100);
  expect(inside.stage).toBe("open");
  sent.length = 0;
  room.room.receive(inside, frameOf([UP.presence, Uint8Array.of(1, ...bio(5000))]));
  await room.advance(100);
  expect([ended, sent.length, [...readFrame(sent[0]!)].map(({ type }) => type)]).toEqual([[4413], 1, [DOWN.fault]]);
  const page = room.client("ann");
  expect(() => page.join(wide, "x", { presence: { bio: "x".repeat(5000) } })).toThrow("presence: received 5002 bytes");
  const ann = page.join(wide, "x", { presence: { bio: "" } });
  expect(() => ann.setPresence({ bio: "x".repeat(5000) })).toThrow("at most 4096");
  expect(Math.max(...attached)).toBeLessThan(16_384); // what the platform takes
});
