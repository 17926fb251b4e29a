/** The connection of a room as a state machine, state by state, on a clock and a wire that do as they are told. */
import { describe, expect, test, vi } from "vitest";
import { waitMs } from "../../client/backoff.ts";
import { Connection, type AuthReason, type ConnectionState } from "../../client/connection.ts";
import { realEnvironment, type Transport, type TransportEvents } from "../../client/environment.ts";
import { Outbox, type Numbered } from "../../client/outbox.ts";
import { Uplink } from "../../client/uplink.ts";
import { reactionTo, retryAfterOf, withRetryAfter } from "../../shared/protocol/close-code.ts";
import { closeCodes } from "../../shared/protocol/meanings.ts";
import { Clock, settle } from "../kit/clock.ts";

const HELLO = Uint8Array.of(1);
const FRAME = Uint8Array.of(2);

/** A connection with everything around it. `random` is what the next draws give. */
function make({ random = 0.5 }: { random?: number } = {}) {
  const clock = new Clock();
  const states: ConnectionState[] = [];
  const asked: AuthReason[] = [];
  const signals: AbortSignal[] = [];
  const sent: (Uint8Array | string)[] = [];
  const opened: { url: string; protocols: string[] }[] = [];
  const closed: number[] = [];
  const received: Uint8Array[] = [];
  const returned = new Set<() => void>();
  let wire!: TransportEvents;
  /** What the next tokens are: text, an error, or a promise that is settled by hand. */
  const tokens: (string | Error | Promise<string>)[] = [];
  const connection = new Connection(
    "wss://host/parties/board/table",
    async (reason, signal) => {
      asked.push(reason);
      signals.push(signal);
      const next = tokens.shift() ?? "jwt";
      if (next instanceof Error) throw next;
      return next;
    },
    { greet: () => HELLO, received: (frame) => void received.push(frame), changed: (state) => void states.push(state) },
    {
      now: () => clock.now,
      after: clock.after,
      random: () => random,
      uuid: () => crypto.randomUUID(),
      fetch: () => Promise.reject(new Error("no HTTP here")),
      onReturn: (listener) => {
        returned.add(listener);
        return () => returned.delete(listener);
      },
      onHidden: () => () => {},
      askBeforeLeaving: () => () => {},
      transport: (events) => {
        wire = events;
        return {
          open: (url, protocols) => void opened.push({ url, protocols }),
          send: (data) => void sent.push(data),
          close: (code, reason) => {
            closed.push(code);
            events.closed(code, reason); // late news of a socket that was given up
          },
        };
      },
    },
  );
  const kind = (): string => connection.state.kind;
  const at = {
    idle: async () => {},
    authorizing: async () => {
      tokens.push(new Promise(() => {}));
      connection.connect();
    },
    opening: async () => {
      connection.connect();
      await settle();
    },
    greeting: async () => {
      await at.opening();
      wire.opened();
    },
    open: async () => {
      await at.greeting();
      connection.welcomed();
    },
    waiting: async () => {
      await at.opening();
      wire.closed(1006, "");
    },
    stopped: async () => {
      await at.opening();
      wire.closed(4410, "");
    },
  };
  /** Through everything to open, answering heartbeats for as long as asked. */
  const hold = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      await clock.advance(100);
      if (sent.at(-1) === "ping") {
        wire.received("pong");
        sent.push("answered");
      }
    }
  };
  return { clock, connection, wire, states, asked, signals, sent, opened, closed, received, returned, tokens, kind, at, hold };
}

type Made = ReturnType<typeof make>;
const KINDS = ["idle", "authorizing", "opening", "greeting", "open", "waiting", "stopped"] as const;
const waited = ({ connection }: Made): number => (connection.state.kind === "waiting" ? connection.state.retryInMs : -1);
/** Loses the present socket and comes to the next one's opening. */
async function loseAndReturn(made: Made, code = 1006): Promise<number> {
  made.wire.closed(code, "");
  const ms = waited(made);
  await made.clock.advance(ms);
  return ms;
}

describe("the network comes back, or the page is seen again", () => {
  test("a wait is over at once, and what was to be renewed still is", async () => {
    const made = make();
    made.tokens.push("old", new Error("offline"));
    await made.at.opening();
    made.wire.closed(4401, "");
    await settle();
    expect([made.kind(), made.asked]).toEqual(["waiting", ["connect", "renew"]]);
    for (const listener of made.returned) listener();
    await settle();
    expect([made.kind(), made.asked]).toEqual(["opening", ["connect", "renew", "renew"]]);
  });

  test("an open socket is asked at once whether it lives; one that does not answer is given up", async () => {
    const made = make();
    await made.at.open();
    await made.clock.advance(7000);
    made.wire.received("pong");
    await made.clock.advance(100);
    const before = made.sent.length;
    for (const listener of made.returned) listener();
    await made.clock.advance(1);
    expect(made.sent.slice(before)).toEqual(["ping"]);
    await made.clock.advance(5000);
    expect(made.kind()).not.toBe("open");
  });

  test("it changes nothing where nothing was asked for, and nobody listens after disconnect", async () => {
    for (const kind of ["idle", "authorizing", "opening", "greeting", "stopped"] as const) {
      const made = make();
      await made.at[kind]();
      for (const listener of made.returned) listener();
      expect(made.kind()).toBe(kind);
      made.connection.disconnect();
      expect(made.returned.size).toBe(0);
    }
  });
});

describe("idle", () => {
  test("nothing happens by itself, and every event is ignored", async () => {
    const made = make();
    made.wire.opened();
    made.wire.received(FRAME);
    made.wire.closed(1006, "");
    made.connection.disconnect();
    await made.clock.advance(60_000);
    expect([made.kind(), made.asked, made.opened, made.states, made.clock.timers]).toEqual(["idle", [], [], [], 0]);
  });

  test("connect asks for a token, then opens with it as a subprotocol, never in the URL", async () => {
    const made = make();
    await made.at.opening();
    expect(made.asked).toEqual(["connect"]);
    expect(made.opened).toEqual([{ url: "wss://host/parties/board/table", protocols: ["coterie.v1", "auth.jwt"] }]);
    expect(made.states.map(({ kind }) => kind)).toEqual(["authorizing", "opening"]);
  });
});

describe("authorizing", () => {
  test("a token that cannot be had is asked for again, after a wait that grows", async () => {
    const made = make();
    made.tokens.push(new Error("offline"), new Error("offline"), "late");
    made.connection.connect();
    await settle();
    expect(made.connection.state).toMatchObject({ kind: "waiting", reason: "no token: offline", retryInMs: 250 });
    await made.clock.advance(250);
    expect(waited(made)).toBe(500);
    await made.clock.advance(500);
    expect([made.kind(), made.opened[0]?.protocols[1]]).toEqual(["opening", "auth.late"]);
  });

  test("a token that does not come is given up after half a minute, and asked for again; should it come then, it opens nothing", async () => {
    const made = make();
    let give!: (token: string) => void;
    made.tokens.push(new Promise((resolve) => (give = resolve)), "second");
    made.connection.connect();
    await made.clock.advance(29_999);
    expect([made.kind(), made.asked.length, made.signals[0]?.aborted]).toEqual(["authorizing", 1, false]);
    await made.clock.advance(1);
    expect(made.connection.state).toMatchObject({ kind: "waiting", ask: "connect", reason: "no token within 30000 ms" });
    expect(made.signals[0]?.aborted).toBe(true);
    await made.clock.advance(250);
    give("first");
    await settle();
    expect([made.kind(), made.opened.map(({ protocols }) => protocols[1])]).toEqual(["opening", ["auth.second"]]);
    await made.clock.advance(60_000);
    expect(made.asked.length).toBe(2);
  });

  test("a token that comes after disconnect opens nothing", async () => {
    const made = make();
    let give!: (token: string) => void;
    made.tokens.push(new Promise((resolve) => (give = resolve)));
    made.connection.connect();
    made.connection.disconnect();
    expect(made.signals[0]?.aborted).toBe(true);
    give("stale");
    await settle();
    expect([made.kind(), made.opened]).toEqual(["idle", []]);
  });

  test("of two attempts only the later opens, with its own token", async () => {
    const made = make();
    const give: ((token: string) => void)[] = [];
    made.tokens.push(new Promise((resolve) => give.push(resolve)), new Promise((resolve) => give.push(resolve)));
    made.connection.connect();
    made.connection.disconnect();
    made.connection.connect();
    give[1]!("new");
    await settle();
    give[0]!("old");
    await settle();
    expect(made.opened.map(({ protocols }) => protocols[1])).toEqual(["auth.new"]);
  });
});

describe("opening", () => {
  test("the greeting goes out once the socket is open, and not before", async () => {
    const made = make();
    await made.at.opening();
    expect(made.sent).toEqual([]);
    made.wire.opened();
    expect([made.sent, made.kind()]).toEqual([[HELLO], "greeting"]);
  });

  test("frames before the socket is open are not believed", async () => {
    const made = make();
    await made.at.opening();
    made.wire.received(FRAME);
    expect(made.received).toEqual([]);
  });
});

describe("greeting", () => {
  test("a room that opens and says nothing is given up after ten seconds, and tried again at once", async () => {
    const made = make();
    await made.at.greeting();
    await made.clock.advance(9_999);
    expect(made.kind()).toBe("greeting");
    await made.clock.advance(1);
    expect([made.opened.length, made.closed]).toEqual([2, [1000]]);
  });

  test("a second silence is met with a wait: no loop that never rests", async () => {
    const made = make();
    await made.at.greeting();
    await made.clock.advance(10_000);
    made.wire.opened();
    await made.clock.advance(10_000);
    expect(waited(made)).toBe(500);
  });

  test("the welcome opens, and its deadline is forgotten", async () => {
    const made = make();
    await made.at.open();
    await made.hold(12_000);
    expect([made.kind(), made.connection.everOpen]).toEqual(["open", true]);
  });
});

describe("open", () => {
  test("a heartbeat goes out at once and every ten seconds; its answer tells the round trip", async () => {
    const made = make();
    await made.at.open();
    const pings: number[] = [];
    const start = made.clock.now;
    for (let ms = 0; ms < 35_000; ms++) {
      await made.clock.advance(1);
      if (made.sent.at(-1) !== "ping") continue;
      pings.push(made.clock.now - start);
      made.sent.push("seen");
      await made.clock.advance(40);
      ms += 40;
      made.wire.received("pong");
      expect([40, 41]).toContain(made.connection.rtt); // the clock goes by whole ms
    }
    expect(pings.map((at) => Math.round(at / 1000))).toEqual([0, 10, 20, 30]);
  });

  test("[P6] a room that does not answer for five seconds is left, and tried again at once", async () => {
    const made = make();
    await made.at.open();
    await made.hold(14_900); // the second heartbeat is answered, the third is not
    await made.clock.advance(5_100 + 4_999);
    expect(made.kind()).toBe("open");
    await made.clock.advance(200);
    expect([made.kind(), made.opened.length, made.closed]).toEqual(["opening", 2, [1000]]);
    const lost = made.states.find(({ kind }) => kind === "waiting");
    expect(lost).toMatchObject({ retryInMs: 0, reason: "the socket went silent" });
  });

  test("any frame is an answer, since it shows that the room speaks", async () => {
    const made = make();
    await made.at.open();
    for (let n = 0; n < 60; n++) {
      await made.clock.advance(1000);
      made.wire.received(FRAME);
    }
    expect([made.kind(), made.opened.length, made.received.length]).toEqual(["open", 1, 60]);
  });

  test("text that is no pong is passed over", async () => {
    const made = make();
    await made.at.open();
    made.wire.received("hello?");
    expect([made.received, made.connection.rtt]).toEqual([[], undefined]);
  });

  test("restart comes anew at once, the first time", async () => {
    const made = make();
    await made.at.open();
    made.connection.restart();
    expect([waited(made), made.closed]).toEqual([0, [1000]]);
    await made.clock.advance(0);
    expect([made.kind(), made.asked]).toEqual(["opening", ["connect", "reconnect"]]);
  });
});

describe("waiting", () => {
  test("waits double, with full jitter, up to ten seconds", async () => {
    for (const [random, expected] of [
      [0.999_999, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]],
      [0.5, [250, 500, 1000, 2000, 4000, 5000, 5000]],
      [0, [0, 0, 0, 0, 0, 0, 0]],
    ] as const) {
      const made = make({ random });
      await made.at.opening();
      const waits: number[] = [];
      for (let n = 0; n < 7; n++) waits.push(await loseAndReturn(made));
      expect(waits).toEqual(expected);
    }
  });

  test("they start again after ten seconds of being open, and not a moment sooner", async () => {
    for (const [held, expected] of [
      [9_900, 4000],
      [10_000, 250],
    ] as const) {
      const made = make();
      await made.at.opening();
      for (let n = 0; n < 4; n++) await loseAndReturn(made);
      made.wire.opened();
      made.connection.welcomed();
      await made.hold(held);
      expect(await loseAndReturn(made)).toBe(expected);
    }
  });

  test("a slow code waits from ten seconds up to five minutes", async () => {
    const made = make({ random: 0.999_999 });
    await made.at.opening();
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) waits.push(await loseAndReturn(made, 4529));
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test("connect ends the wait", async () => {
    const made = make();
    await made.at.waiting();
    made.connection.connect();
    await settle();
    expect(made.kind()).toBe("opening");
    await made.clock.advance(20_000);
    expect(made.opened.length).toBe(2); // the old wait is over too
  });

  test("what the server asks for is waited for at least", () => {
    expect([waitMs("retry", 0, 0, 3000), waitMs("soon", 0, 0.9, 3000), waitMs("retry", 0, 0.5, 3000)]).toEqual([
      3000, 3000, 3250,
    ]);
    expect(Number.isFinite(waitMs("retry", 5000, 0.5))).toBe(true);
  });
});

describe("closes", () => {
  test.each(closeCodes())("%i does as its table says", async (code, { name, reaction }) => {
    const made = make();
    await made.at.open();
    await made.hold(10_000);
    made.wire.closed(code, "so it is");
    const after = {
      stop: "stopped",
      renew: "authorizing",
      retry: "waiting",
      soon: "waiting",
      slow: "waiting",
    }[reaction];
    expect([name, made.kind()]).toEqual([name, after]);
    if (reaction === "stop") {
      expect(made.connection.state).toEqual({ kind: "stopped", code, reason: "so it is" });
      await made.clock.advance(600_000);
      expect([made.opened.length, made.clock.timers]).toEqual([1, 0]);
    } else expect(waited(made)).toBe({ renew: -1, retry: 250, soon: 0, slow: 5000 }[reaction]);
  });

  test("a wait that the room asks for is kept to, jitter on top; one that nobody could mean is cut", async () => {
    for (const [reason, code, least, most] of [
      [withRetryAfter("too many messages", 5000), 4529, 5000, 15_000],
      [withRetryAfter("it moves", 800), 4503, 800, 1300],
      [withRetryAfter("never", 9_999_999), 4503, 300_000, 300_500],
    ] as const) {
      const made = make();
      await made.at.open();
      made.wire.closed(code, reason);
      expect(waited(made)).toBeGreaterThanOrEqual(least);
      expect(waited(made)).toBeLessThanOrEqual(most);
    }
    expect(["later", "retry after 5 ms", "; retry after -5 ms", ""].map(retryAfterOf)).toEqual([0, 0, 0, 0]);
  });

  test("a reason that was given is kept", async () => {
    const made = make();
    await made.at.open();
    made.wire.closed(4426, "rules of version 1, expected 2");
    expect(made.connection.state).toMatchObject({ reason: "rules of version 1, expected 2" });
  });

  test("4401 asks for one new token, and stops at the second within a minute", async () => {
    const made = make();
    await made.at.open();
    made.wire.closed(4401, "");
    await settle();
    expect([made.kind(), made.asked]).toEqual(["opening", ["connect", "renew"]]);
    made.wire.opened();
    made.wire.closed(4401, "expired");
    expect(made.connection.state).toMatchObject({ kind: "stopped", code: 4401 });
    await made.clock.advance(600_000);
    expect(made.asked.length).toBe(2);
  });

  test("4401 once an hour is a token that ran out: renewed each time", async () => {
    const made = make();
    await made.at.open();
    for (let n = 0; n < 3; n++) {
      await made.hold(60_000);
      made.wire.closed(4401, "");
      await settle();
      made.wire.opened();
      made.connection.welcomed();
    }
    expect([made.kind(), made.asked]).toEqual(["open", ["connect", "renew", "renew", "renew"]]);
  });

  test("a renewal that fails is still a renewal when it is tried again: a cached token would be the refused one", async () => {
    const made = make();
    await made.at.open();
    made.tokens.push(new Error("offline"), new Error("offline"));
    made.wire.closed(4401, "");
    await settle();
    await made.clock.advance(2000);
    expect([made.kind(), made.asked]).toEqual(["opening", ["connect", "renew", "renew", "renew"]]);
  });

  test("a network that fails is never given up on", async () => {
    const made = make();
    await made.at.opening();
    for (let n = 0; n < 200; n++) await loseAndReturn(made, n % 2 === 0 ? 1006 : 1011);
    expect([made.kind(), made.opened.length, reactionTo(1006)]).toEqual(["opening", 201, "retry"]);
  });
});

describe("from any state", () => {
  test.each(KINDS)("disconnect from %s ends in idle, for good and with nothing left running", async (from) => {
    const made = make();
    await made.at[from]();
    expect(made.kind()).toBe(from);
    made.connection.disconnect();
    expect(made.kind()).toBe("idle");
    made.wire.opened(); // late news of the old socket
    made.wire.received(FRAME);
    made.wire.closed(1006, "");
    await made.clock.advance(600_000);
    expect([made.kind(), made.clock.timers, made.received, made.connection.everOpen]).toEqual(["idle", 0, [], false]);
    expect(made.opened.length).toBeLessThanOrEqual(1);
  });

  test.each(KINDS)("restart from %s comes anew where there is a socket, and starts nothing where there is none", async (from) => {
    const made = make();
    await made.at[from]();
    made.connection.restart();
    expect(made.kind()).toBe(from === "greeting" || from === "open" ? "waiting" : from);
  });

  test.each(KINDS)("connect from %s leads to one attempt, never two", async (from) => {
    const made = make();
    await made.at[from]();
    const before = made.asked.length;
    made.connection.connect();
    made.connection.connect();
    await settle();
    const busy = from === "authorizing" || from === "opening" || from === "greeting" || from === "open";
    expect([made.asked.length - before, made.kind()]).toEqual(busy ? [0, from] : [1, "opening"]);
  });

  test("after a stop, connect may succeed", async () => {
    const made = make();
    await made.at.stopped();
    made.connection.connect();
    await settle();
    made.wire.opened();
    made.connection.welcomed();
    expect([made.kind(), made.states.map(({ kind }) => kind).slice(-5)]).toEqual([
      "open",
      ["stopped", "authorizing", "opening", "greeting", "open"],
    ]);
  });

  test("what is heard is what changed: no state is told twice in a row", async () => {
    const made = make();
    await made.at.open();
    await made.hold(60_000);
    const kinds = made.states.map(({ kind }) => kind);
    expect(kinds).toEqual(["authorizing", "opening", "greeting", "open"]);
  });

  test("a late close of a socket that was replaced ends nothing", async () => {
    const made = make();
    await made.at.waiting();
    made.wire.closed(4410, "late"); // would stop, were it believed
    made.wire.opened();
    await made.clock.advance(1000);
    expect(made.kind()).toBe("opening");
  });
});

describe("the outbox", () => {
  const all = (): boolean => true;
  const give = (): { outbox: Outbox; add(bytes?: number): number; take(fits?: (input: Uint8Array) => boolean): number[] } => {
    const outbox = new Outbox();
    const numbers = (each: Iterable<Numbered>): number[] => [...each].map(({ number }) => number);
    return {
      outbox,
      add: (bytes = 1) => outbox.add({ action: 0, value: null, bytes: new Uint8Array(bytes), resolve() {}, reject() {} }),
      take: (fits = all) => numbers(outbox.take(fits)),
    };
  };

  test("numbers rise by one, and each is sent once", () => {
    const { add, take } = give();
    expect([add(), add(), take(), add(), take(), take()]).toEqual([1, 2, [1, 2], 3, [3], []]);
  });

  test("[P2] no more than 64 are under way, since the room keeps that many answers", () => {
    const { outbox, add, take } = give();
    for (let n = 0; n < 100; n++) add();
    expect([take().length, outbox.waits]).toEqual([64, false]);
    outbox.answered(1);
    outbox.answered(2);
    expect([take(), outbox.size]).toEqual([[65, 66], 98]);
  });

  test("after a cut everything without an answer is sent again, under its number", () => {
    const { outbox, add, take } = give();
    for (let n = 0; n < 3; n++) add();
    take();
    outbox.answered(1);
    outbox.again();
    expect(take()).toEqual([2, 3]);
  });

  test("an answer given twice, or out of turn, is nobody's", () => {
    const { outbox, add, take } = give();
    add();
    add();
    take();
    expect([outbox.answered(2), outbox.answered(1) !== undefined, outbox.answered(1), outbox.size]).toEqual([
      undefined,
      true,
      undefined,
      1,
    ]);
  });

  test("an action refused without using its number: those behind it move up and are sent again", () => {
    const { outbox, add, take } = give();
    for (let n = 0; n < 4; n++) add(n + 1);
    take();
    expect(outbox.refused(2)?.bytes.length).toBe(2);
    expect([
      [...outbox].map(({ number, bytes }) => [number, bytes.length]),
      take(),
      outbox.refused(9),
      outbox.refused(0),
    ]).toEqual([
      [
        [1, 1],
        [2, 3],
        [3, 4],
      ],
      [2, 3],
      undefined,
      undefined,
    ]);
  });

  test("a frame that is full takes no more, and what did not fit comes next", () => {
    const { outbox, add, take } = give();
    for (let n = 0; n < 5; n++) add(10);
    let left = 25;
    expect(take(({ length }) => (left -= length) >= 0)).toEqual([1, 2]);
    expect([outbox.waits, take(), outbox.waits]).toEqual([true, [3, 4, 5], false]);
  });

  test("[P8] a million bytes of input may wait, and answers make room", () => {
    const { outbox, add } = give();
    for (let n = 0; n < 10; n++) add(100_000);
    expect(outbox.full).toBe(true);
    outbox.answered(1);
    expect(outbox.full).toBe(false);
    outbox.refused(2);
    expect([outbox.clear().length, outbox.size, outbox.full, add()]).toEqual([8, 0, false, 1]);
  });
});

describe("the uplink", () => {
  const open = (): { clock: Clock; uplink: Uplink; sent: number[]; options: { more: number; nothing: boolean } } => {
    const clock = new Clock(0);
    const sent: number[] = [];
    const options = { more: 0, nothing: false };
    const environment = { after: clock.after } as ConstructorParameters<typeof Uplink>[0];
    const uplink = new Uplink(environment, () => {
      sent.push(clock.now);
      if (options.more-- > 0) uplink.flush();
      return !options.nothing;
    });
    return { clock, uplink, sent, options };
  };

  test("what is said in one task goes in one frame, at its end", async () => {
    const { uplink, sent } = open();
    for (let n = 0; n < 5; n++) uplink.flush();
    expect(sent).toEqual([]);
    await settle();
    expect(sent).toEqual([0]);
  });

  test("one frame in 33 ms, however much is said, and the last word is sent too", async () => {
    const { clock, uplink, sent } = open();
    for (let ms = 0; ms < 200; ms++) {
      uplink.flush();
      await clock.advance(1);
    }
    await clock.advance(1000);
    expect([sent, clock.timers]).toEqual([[0, 33, 66, 99, 132, 165, 198, 231], 0]);
  });

  test("after a rest the next word goes at once", async () => {
    const { clock, uplink, sent } = open();
    uplink.flush();
    await clock.advance(500);
    uplink.flush();
    await settle();
    expect(sent).toEqual([0, 500]);
  });

  test("where there was nothing to say, what is said next does not wait", async () => {
    const { clock, uplink, sent, options } = open();
    options.nothing = true;
    uplink.flush();
    await clock.advance(1);
    options.nothing = false;
    uplink.flush();
    await clock.advance(1);
    uplink.flush();
    await clock.advance(100);
    expect(sent).toEqual([0, 1, 34]);
  });

  test("what is to wait waits", async () => {
    const { clock, uplink, sent } = open();
    uplink.flush(20);
    await clock.advance(100);
    expect(sent).toEqual([20]);
  });

  test("what did not fit the frame asks for the next while it is made", async () => {
    const { clock, uplink, sent, options } = open();
    options.more = 2;
    uplink.flush();
    await clock.advance(500);
    expect(sent).toEqual([0, 33, 66]);
  });
});

describe("the real wire", () => {
  /** A socket as a browser has it, opened and closed by hand. */
  class FakeSocket extends EventTarget {
    static readonly OPEN = 1;
    static refuse = false;
    static readonly made: FakeSocket[] = [];
    readyState = 0;
    binaryType = "blob";
    readonly sent: unknown[] = [];
    constructor(_url: string, protocols: string[]) {
      super();
      if (FakeSocket.refuse) throw new SyntaxError(`no subprotocol: ${protocols.join()}`);
      FakeSocket.made.push(this);
    }
    send(data: unknown): void {
      this.sent.push(data);
    }
    close(): void {
      this.readyState = 2; // a peer that is dead never answers
    }
    opens(): void {
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    }
    ends(code: number): void {
      this.readyState = 3;
      this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "" }));
    }
  }

  async function wired(
    run: (made: { transport: Transport; told: string[]; last(): FakeSocket }) => Promise<void>,
  ): Promise<void> {
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.made.length = 0;
    FakeSocket.refuse = false;
    const told: string[] = [];
    const transport = realEnvironment.transport({
      opened: () => told.push("opened"),
      received: (data) => told.push(`received ${typeof data === "string" ? data : data.join()}`),
      closed: (code) => told.push(`closed ${code}`),
    });
    try {
      await run({ transport, told, last: () => FakeSocket.made.at(-1)! });
    } finally {
      vi.unstubAllGlobals();
    }
  }
  const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

  test("opens once a call and by itself never again; a lost socket is 1006, a closed one has its code, and 1000 is not the room's", () =>
    wired(async ({ transport, told, last }) => {
      for (const code of [1006, 4401, 1000]) {
        transport.open("ws://host/", ["a"]);
        await moment();
        last().opens();
        last().ends(code);
        await moment();
      }
      expect(FakeSocket.made).toHaveLength(3);
      expect(told).toEqual(["opened", "closed 1006", "opened", "closed 4401", "opened", "closed 1006"]);
    }));

  test("[P6] after a silent death the next socket opens at once, though the old one hangs in closing; its late words are not heard", () =>
    wired(async ({ transport, told, last }) => {
      transport.open("ws://host/", ["a"]);
      await moment();
      const dead = last();
      dead.opens();
      transport.close(1000, "");
      transport.open("ws://host/", ["a"]);
      await moment();
      last().opens();
      dead.dispatchEvent(Object.assign(new Event("message"), { data: "late" }));
      dead.ends(4410);
      expect([FakeSocket.made.length, told]).toEqual([2, ["opened", "opened"]]);
    }));

  test("a socket that cannot even be made is a lost one, not a silence", () =>
    wired(async ({ transport, told }) => {
      FakeSocket.refuse = true;
      transport.open("ws://host/", ["auth.a token with blanks"]);
      await moment();
      expect(told).toEqual(["closed 1006"]);
    }));

  test("what is said while no socket is open is not kept for the next one", () =>
    wired(async ({ transport, last }) => {
      transport.send("early");
      transport.open("ws://host/", ["a"]);
      await moment();
      transport.send("early");
      last().opens();
      transport.send("now");
      expect(last().sent).toEqual(["now"]);
    }));

  test("a socket that neither opens nor fails is given up after ten seconds, and not heard after that", () => {
    vi.useFakeTimers();
    return wired(async ({ told, transport, last }) => {
      transport.open("ws://host/", ["a"]);
      await vi.advanceTimersByTimeAsync(9_999);
      expect(told).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      last().opens();
      last().ends(1006);
      expect([told, vi.getTimerCount()]).toEqual([["closed 1006"], 0]);
    }).finally(() => vi.useRealTimers());
  });
});
