/** Who points where in a document: the room's table, judged against the Awareness objects of y-protocols that hear of it. */
import * as encoding from "lib0/encoding";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import { expect, onTestFinished, test, vi } from "vitest";
import * as Y from "yjs";
import { AwarenessTable } from "../../server/parts/document/awareness-table.ts";
import { encode } from "../../shared/protocol/frame.ts";
import { Draw, SEED } from "../kit/random.ts";

vi.setConfig({ testTimeout: 60_000 });

type Said = readonly [client: number, clock: number, state: unknown];

const says = (...entries: readonly Said[]): Uint8Array =>
  encode((to) => {
    encoding.writeVarUint(to, entries.length);
    for (const [client, clock, state] of entries) {
      encoding.writeVarUint(to, client);
      encoding.writeVarUint(to, clock);
      encoding.writeVarString(to, JSON.stringify(state));
    }
  });
const anyone = (): boolean => true;

/** A peer as stock clients have it; without its timer, which runs by the real clock. */
function peer(client: number): Awareness {
  const doc = new Y.Doc();
  doc.clientID = client;
  const awareness = new Awareness(doc);
  // oxlint-disable-next-line no-underscore-dangle -- the one handle that Awareness has for it
  clearInterval((awareness as unknown as { _checkInterval: ReturnType<typeof setInterval> })._checkInterval);
  onTestFinished(() => awareness.destroy());
  return awareness;
}

/** What somebody who shows nothing sees of what the table tells. */
function onlooker(): { see(update: Uint8Array | undefined): void; seen(): [number, unknown][]; clock(client: number): number } {
  const awareness = peer(0);
  awareness.setLocalState(null);
  return {
    see: (update) => update && applyAwarenessUpdate(awareness, update, "room"),
    seen: () => [...awareness.getStates()].sort(([a], [b]) => a - b),
    clock: (client) => awareness.meta.get(client)?.clock ?? -1,
  };
}

/** A table, and someone who is told what it tells. */
function told(): { table: AwarenessTable<string>; say(who: string, ...entries: Said[]): boolean } & ReturnType<typeof onlooker> {
  const table = new AwarenessTable<string>();
  const looks = onlooker();
  return {
    table,
    ...looks,
    say: (who, ...entries) => {
      const isNew = table.receive(who, says(...entries), anyone) !== "repeated";
      looks.see(table.collect());
      return isNew;
    },
  };
}

test("[P6] a connection has one id: the first that it shows, until it shows nothing", () => {
  const { say, seen, table } = told();
  say("ann", [1, 0, { at: 1 }], [2, 0, { at: 2 }]);
  say("ann", [3, 5, { at: 3 }]);
  expect(seen()).toEqual([[1, { at: 1 }]]);
  say("ann", [1, 1, null]);
  expect([seen(), table.client("ann")]).toEqual([[], undefined]);
  say("ann", [3, 6, { at: 3 }]);
  expect(seen()).toEqual([[3, { at: 3 }]]);
});

test("[P6] nobody speaks for another: not with a state, not with null, not with a clock", () => {
  const { say, seen, table, clock } = told();
  say("ann", [1, 3, { at: "ann" }]);
  say("ben", [2, 0, { at: "ben" }]);
  const before = clock(1);
  for (const forged of [
    [1, 4, { at: "forged" }],
    [1, 4, null],
    [1, 2 ** 31 - 1, null],
    [1, Number.MAX_SAFE_INTEGER - 1, {}],
  ] as Said[]) {
    expect(say("ben", forged)).toBe(false);
    expect(say("eve", forged)).toBe(false);
  }
  expect([seen(), clock(1)]).toEqual([
    [
      [1, { at: "ann" }],
      [2, { at: "ben" }],
    ],
    before,
  ]);
  say("ann", [1, 4, { at: "still ann" }]);
  expect(seen()[0]).toEqual([1, { at: "still ann" }]);
  expect(table.client("eve")).toBeUndefined();
});

test("[P6] an id that is another user's is not taken, though nobody shows it", () => {
  const { table } = told();
  expect(table.receive("eve", says([1, 0, { at: 1 }]), (client) => client !== 1)).toBe("repeated");
  expect([table.whole(), table.collect()]).toEqual([undefined, undefined]);
});

test("ids and clocks that nobody has are passed over; the same id with a good clock is taken", () => {
  const { say, seen } = told();
  for (const [client, clock] of [
    [2 ** 32, 0],
    [2 ** 40, 0],
    [1, 2 ** 31],
    [1, 2 ** 45],
    [1, Number.MAX_SAFE_INTEGER],
  ] as const)
    expect(say("ann", [client, clock, {}])).toBe(false);
  expect(seen()).toEqual([]);
  expect([say("ann", [2 ** 32 - 1, 2 ** 31 - 1, { at: 1 }]), seen()]).toEqual([true, [[2 ** 32 - 1, { at: 1 }]]]);
});

test("one who comes back under the old id with the old clock is seen at once", () => {
  const { say, seen, table, see, clock } = told();
  say("ann", [1, 7, { at: 1 }]);
  table.left("ann");
  see(table.collect());
  expect(seen()).toEqual([]);
  const left = clock(1);
  expect(say("ann again", [1, 7, { at: 1 }])).toBe(true);
  expect([seen(), clock(1) > left - 1]).toEqual([[[1, { at: 1 }]], true]);
  say("ann again", [1, 8, { at: 2 }]);
  expect(seen()).toEqual([[1, { at: 2 }]]);
});

test("one who goes and comes back between two beats is seen, and one who comes and goes is not", () => {
  const { seen, table, see } = told();
  table.receive("ann", says([1, 7, { at: 1 }]), anyone);
  see(table.collect());
  table.left("ann");
  table.receive("ann again", says([1, 7, { at: 2 }]), anyone);
  table.receive("ben", says([2, 0, { at: 1 }]), anyone);
  table.left("ben");
  see(table.collect());
  expect(seen()).toEqual([[1, { at: 2 }]]);
});

test("what repeats what is known is not told again, a new state under a known clock is", () => {
  const { say, seen, table } = told();
  expect(say("ann", [1, 3, { at: 1 }])).toBe(true);
  for (const again of [
    [1, 3, { at: 1 }],
    [1, 2, { at: 1 }],
  ] as Said[])
    expect(say("ann", again)).toBe(false);
  expect(table.collect()).toBeUndefined();
  expect([say("ann", [1, 6, { at: 1 }]), say("ann", [1, 5, { at: 2 }]), say("ann", [1, 5, { at: 3 }])]).toEqual([
    true,
    true,
    true,
  ]);
  expect(seen()).toEqual([[1, { at: 3 }]]);
});

test("who is quiet is told again with a higher clock", () => {
  const { say, table, see, seen, clock } = told();
  say("ann", [1, 3, { at: 1 }]);
  say("ben", [2, 3, { at: 2 }]);
  const before = [1, 2].map(clock);
  table.renew();
  see(table.collect());
  expect([1, 2].map(clock)).toEqual(before.map((each) => each + 1));
  say("ann", [1, 4, { at: 3 }]);
  expect(seen()).toEqual([
    [1, { at: 3 }],
    [2, { at: 2 }],
  ]);
});

test("[P8] a state of 4,096 bytes is taken, one byte more throws, of another's it is passed over", () => {
  const { table } = told();
  const state = (length: number): string => "x".repeat(length - 2);
  expect(table.receive("ann", says([1, 0, state(4096)]), anyone)).toBe("changed");
  expect(() => table.receive("ann", says([1, 1, state(4097)]), anyone)).toThrow("4097 bytes");
  expect(() => table.receive("ben", says([2, 1, state(4097)]), anyone)).toThrow("4097 bytes");
  expect(table.receive("ben", says([1, 1, state(4097)]), anyone)).toBe("repeated");
});

test("what is cut short, goes on behind its end, or claims too many, throws", () => {
  const { table } = told();
  const good = says([1, 0, { at: 1 }], [300, 200, { name: "ü" }]);
  for (let length = 0; length < good.length; length++)
    expect(() => table.receive(`cut ${length}`, good.subarray(0, length), anyone)).toThrow();
  expect(() => table.receive("long", Uint8Array.of(...good, 0), anyone)).toThrow("bytes after");
  expect(() => table.receive("many", Uint8Array.of(0xff, 0xff, 0xff, 0x7f), anyone)).toThrow("expected at most");
});

const FLOOD = Number(process.env["FLOOD"] ?? 200_000);
test(`[P8] ${FLOOD} ids from one connection leave nothing behind`, () => {
  const { table, see } = told();
  table.receive("ann", says([7, 0, { at: 1 }]), anyone);
  see(table.collect());
  const length = table.whole()!.length;
  for (let n = 0; n < FLOOD; n++) {
    // It shows one id after the other, which it may, and in between claims some that it may not.
    const client = 1000 + n;
    table.receive("eve", says([client, 1, { n: 1 }], [client + FLOOD, 1, { n: 1 }], [7, n, null]), anyone);
    table.receive("eve", says([client, 2, null], [client + FLOOD, 2, null]), anyone);
    if (n % 100 === 0) expect((table.collect()?.length ?? 0) < 5000).toBe(true); // a beat's worth
  }
  table.collect();
  expect([table.whole()!.length, table.client("eve"), table.collect()]).toEqual([length, undefined, undefined]);
});

test("[P6] after a sleep everyone is as before, and is told with clocks above those that were lost", () => {
  const { say, table, see, seen, clock } = told();
  say("ann", [1, 3, { at: 1 }]);
  const kept = table.shown("ann")!;
  for (let n = 0; n < 200; n++) say("ann", [1, 4 + n, { at: n }]); // since it was kept
  const before = clock(1);
  const again = new AwarenessTable<string>();
  again.restore("ann", kept);
  again.renew();
  see(again.collect());
  expect([seen(), clock(1) > before]).toEqual([[[1, { at: 1 }]], true]);
  again.receive("ann", says([1, 204, { at: "new" }]), anyone);
  see(again.collect());
  expect(seen()).toEqual([[1, { at: "new" }]]);
  expect(again.shown("ann")).toMatchObject({ client: 1, state: JSON.stringify({ at: "new" }) });
});

test("[P6] peers of y-protocols that hear the table agree with it after anything at all", () => {
  for (let run = 0; run < 300; run++) {
    const draw = new Draw("awareness", SEED, run);
    let table = new AwarenessTable<number>();
    const peers = Array.from({ length: 2 + draw.below(4) }, (_, n) => peer(n + 1));
    const here = peers.map(() => false);
    /** A room that sleeps forgets who has left: those who come back then must have heard themselves, as all do who stay a moment. */
    const sleeps = draw.chance(0.5);
    const hear = sleeps || draw.chance(0.5);
    const [early, late] = [onlooker(), onlooker()];
    const say = (at: number, clients: number[] = [at + 1]): void =>
      void table.receive(at, encodeAwarenessUpdate(peers[at]!, clients), (client) => client === at + 1);
    const tell = (): void => {
      const update = table.collect();
      early.see(update);
      if (update && hear)
        for (const [at, awareness] of peers.entries()) if (here[at]) applyAwarenessUpdate(awareness, update, "room");
    };
    for (let step = 0; step < 80; step++) {
      const at = draw.below(peers.length);
      const awareness = peers[at]!;
      switch (draw.below(8)) {
        case 0:
        case 1:
        case 2:
          awareness.setLocalState(draw.chance(0.15) ? null : { at: step }); // a state said before, under a clock that was told, is no news
          if (here[at]) say(at);
          break;
        case 3: // it comes, and shows what it had
          if (here[at]) break;
          here[at] = true;
          if (awareness.getLocalState()) say(at);
          break;
        case 4:
          if (sleeps) tell();
          table.left(at);
          here[at] = false;
          break;
        case 5: // it repeats all that it knows, as when it is asked
          if (here[at]) say(at, [...awareness.getStates().keys()]);
          break;
        case 6:
          table.renew();
          break;
        default: {
          if (!sleeps) break;
          const kept = peers.map((_, each) => table.shown(each));
          tell();
          table = new AwarenessTable();
          for (const [each, shown] of kept.entries()) if (shown) table.restore(each, shown);
          table.renew();
        }
      }
      if (draw.chance(0.6)) tell();
    }
    tell();
    late.see(table.whole());
    const expected = peers.flatMap((_, at): [number, unknown][] => {
      const shown = table.shown(at);
      return shown ? [[shown.client, JSON.parse(shown.state)]] : [];
    });
    const showing = peers.flatMap((awareness, at): [number, unknown][] =>
      here[at] && awareness.getLocalState() ? [[at + 1, awareness.getLocalState()]] : [],
    );
    expect([run, early.seen()]).toEqual([run, expected]);
    expect([run, late.seen()]).toEqual([run, expected]);
    expect([run, expected]).toEqual([run, showing]);
  }
});

test("[P6] a client among quick changes, which says again what it hears of itself, comes to rest with what it said last", () => {
  // As y-websocket does it: whatever it hears is news to it, and news goes to the room.
  const table = new AwarenessTable<string>();
  const client = peer(7);
  const up: Uint8Array[] = [];
  client.on("update", ({ added, updated }: { added: number[]; updated: number[] }) => {
    const own = [...added, ...updated].filter((id) => id === client.clientID);
    if (own.length > 0) up.push(encodeAwarenessUpdate(client, own));
  });
  const down: Uint8Array[] = [];
  const look = onlooker();
  let rounds = 0;
  const round = (): void => {
    rounds++;
    for (const said of up.splice(0)) table.receive("client", said, anyone);
    const told = table.collect();
    if (told) down.push(told);
    look.see(told);
  };
  const hear = (): void => down.splice(0).forEach((told) => applyAwarenessUpdate(client, told, "room"));
  client.setLocalState({ at: 0 });
  round();
  table.left("client"); // it was here before: the room has a clock of its own for it
  up.push(encodeAwarenessUpdate(client, [client.clientID]));
  round();
  for (let at = 1; at <= 10; at++) {
    client.setLocalState({ at }); // before it has heard of the last
    if (at % 3 === 0) round();
  }
  for (let quiet = 0; quiet < 100 && (up.length > 0 || down.length > 0); quiet++) {
    round();
    hear();
  }
  expect([client.getLocalState(), look.seen()]).toEqual([{ at: 10 }, [[client.clientID, { at: 10 }]]]);
  expect(rounds).toBeLessThan(20);
});

test("[P5] a state that is no JSON would be thrown away by every peer, with everyone's in the same message: it is refused", () => {
  const { table } = told();
  const bytes = encoding.encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, 9);
    encoding.writeVarUint(to, 1);
    encoding.writeVarString(to, "{");
  });
  expect(() => table.receive("eve", bytes, anyone)).toThrow("no JSON");
  expect(table.whole()).toBeUndefined();
});
