/** The figures as one table, ratios first, and each budget with whether it is met. A loss is shown like a gain. */
import { head, row, times } from "../results.ts";
import { percentile, round } from "../statistics.ts";
import type { Joined } from "./joining.ts";
import type { Typed } from "./typing.ts";
import type { Wake } from "./waking.ts";

export interface Most {
  /** Edits a second. */
  readonly most: number;
  /** Share of a core that the server took when more than that was tried: far below 1, it was something else that could no more. */
  readonly cpu: number;
  /** More was not tried. */
  readonly last: boolean;
}

export interface Results {
  /** Load → server → rounds. */
  readonly typed: Map<string, Map<string, Typed[]>>;
  readonly most: Map<string, Most>;
  readonly warm: Map<string, Joined[]>;
  readonly cold: Map<string, Joined[]>;
  /** Of Coterie, with its own SDK in the place of a stock client. */
  readonly warmSdk: Map<string, Joined[]>;
  readonly coldSdk: Map<string, Joined[]>;
  /** Bytes of the document → wakes. */
  readonly wakes: Map<number, Wake[]>;
  /** Bytes a socket. */
  readonly memory: Map<string, number>;
  /** What could not be measured, and why. */
  readonly troubles: string[];
}

export interface Circumstances {
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly versions: string;
  readonly date: Date;
  /** What a durable write took, before and after. */
  readonly fsyncMs: readonly number[];
  /** The machine's load average over five minutes: above 2, it did much else. */
  readonly load: number;
}

const SERVERS = ["Coterie", "relay", "relay, a row a message", "y-partyserver", "Hocuspocus", "y-websocket-server"];
const ROW_RELAY = "relay, a row a message";

interface Line {
  readonly work: string;
  /** Server → rounds. */
  readonly values: (server: string) => readonly number[] | undefined;
  readonly unit: string;
  readonly digits?: number;
  readonly budget?: { readonly text: string; readonly met: (own: number) => boolean };
}

const median = (values: readonly number[]): number => percentile(values, 0.5);

export function report(results: Results, { seed, rounds, seconds, versions, date, fsyncMs, load }: Circumstances): string {
  const typed =
    (load: string, of: (typed: Typed) => number) =>
    (server: string): readonly number[] | undefined =>
      results.typed.get(load)?.get(server)?.map(of);
  const joined =
    (of: Map<string, Joined[]>, what: "ms" | "decodingMs" = "ms") =>
    (server: string): readonly number[] | undefined =>
      of
        .get(server)
        ?.filter(({ whole }) => whole)
        .map((each) => each[what]);
  const joins = (work: string, warm: Map<string, Joined[]>, cold: Map<string, Joined[]>): Line[] => [
    {
      work: `${work}, warm`,
      values: joined(warm),
      unit: "ms",
      digits: 0,
      budget: { text: "≤ 350 ms", met: (own) => own <= 350 },
    },
    { work: "… cold", values: joined(cold), unit: "ms", digits: 0, budget: { text: "≤ 400 ms", met: (own) => own <= 400 } },
  ];
  const most = (server: string): readonly number[] | undefined => {
    const found = results.most.get(server);
    return found && [found.most];
  };
  const memory = (server: string): readonly number[] | undefined => {
    const bytes = results.memory.get(server);
    return bytes === undefined ? undefined : [bytes / 1000];
  };
  const of = (values: Line["values"], server: string): number => median(values(server) ?? []);
  const quietP50 = typed("quiet", ({ p50 }) => p50);
  const relayMemory = of(memory, "relay");
  const quietRow = of(quietP50, ROW_RELAY);

  const lines: Line[] = [
    {
      work: "20 typists, 400 edits/s: CPU of a core",
      values: typed("twenty", ({ cpu }) => cpu * 100),
      unit: "%",
      budget: { text: "≤ 20 %", met: (own) => own <= 20 },
    },
    { work: "… CPU per delivered edit", values: typed("twenty", (each) => each.cpuPerDelivery), unit: "µs" },
    { work: "… p50", values: typed("twenty", ({ p50 }) => p50), unit: "ms" },
    { work: "… p99", values: typed("twenty", ({ p99 }) => p99), unit: "ms" },
    { work: "… bytes per delivered edit", values: typed("twenty", (each) => each.bytesPerDelivery), unit: "B" },
    { work: "50 typists, 1,000 edits/s: CPU of a core", values: typed("fifty", ({ cpu }) => cpu * 100), unit: "%" },
    { work: "… CPU per delivered edit", values: typed("fifty", (each) => each.cpuPerDelivery), unit: "µs" },
    { work: "… p50", values: typed("fifty", ({ p50 }) => p50), unit: "ms" },
    { work: "… p99", values: typed("fifty", ({ p99 }) => p99), unit: "ms" },
    { work: "… bytes per delivered edit", values: typed("fifty", (each) => each.bytesPerDelivery), unit: "B" },
    {
      work: "most edits/s of 20 typists, p99 ≤ 100 ms",
      values: most,
      unit: "",
      digits: 0,
      budget: { text: "≥ 15,000", met: (own) => own >= 15_000 },
    },
    {
      work: "one quiet writer, one reader: p50",
      values: quietP50,
      unit: "ms",
      digits: 2,
      budget: { text: `≤ 1 ms over the relay with rows (${round(quietRow + 1, 2)})`, met: (own) => own <= quietRow + 1 },
    },
    ...joins(`join a document of ${round(seed / 1e6)} MB`, results.warm, results.cold),
    { work: "… warm, in the client's own Yjs", values: joined(results.warm, "decodingMs"), unit: "ms", digits: 0 },
    ...joins(`join a document of ${round(seed / 1e6)} MB by the server's own SDK`, results.warmSdk, results.coldSdk),
    {
      work: "memory of an idle socket",
      values: memory,
      unit: "kB",
      digits: 0,
      budget: { text: `≤ 1.05 × relay (${round(1.05 * relayMemory, 0)})`, met: (own) => own <= 1.05 * relayMemory },
    },
  ];

  const cell = ({ values, unit, digits = 1 }: Line, server: string): string => {
    const rounds = values(server);
    if (!rounds) return "–";
    if (rounds.length === 0) return "lost";
    const middle = show(median(rounds), digits);
    const spread = rounds.length > 1 ? ` (${show(Math.min(...rounds), digits)}–${show(Math.max(...rounds), digits)})` : "";
    return `${middle}${unit && ` ${unit}`}${spread}`;
  };
  const ratio = ({ values }: Line, server: string): string => times(of(values, "Coterie"), of(values, server));
  const table = (of: (line: Line, server: string) => string, servers: readonly string[]): string =>
    [
      head(["", ...servers]),
      ...lines
        .map((line) => [line.work, ...servers.map((server) => of(line, server))])
        .filter(([, ...cells]) => cells.some((cell) => cell !== "–"))
        .map(row),
    ].join("\n");

  const budgets = lines.flatMap(({ work, values, unit, digits = 1, budget }, index) => {
    if (!budget) return [];
    const name = work.startsWith("…") ? `${lines[index - 1]!.work.replace(/, warm$/, "")}, ${work.slice(2)}` : work;
    const own = of(values, "Coterie");
    return [row([name, budget.text, `${show(own, digits)}${unit && ` ${unit}`}`, budget.met(own) ? "met" : "**missed**"])];
  });
  const [short, long] = [...results.wakes].sort(([a], [b]) => a - b);
  if (short && long) {
    const [few, many] = [short, long].map(([, wakes]) => median(wakes.map(({ ms }) => ms))) as [number, number];
    budgets.push(
      row([
        `a cursor that wakes a room: document of ${size(long[0])} to one of ${size(short[0])}`,
        "≤ 1.2 ×",
        `${round(many / few, 2)} × (${round(many, 2)} and ${round(few, 2)} ms; CPU ${wakeCpu(long[1])} and ${wakeCpu(short[1])} ms)`,
        many <= 1.2 * few ? "met" : "**missed**",
      ]),
    );
  }
  const shares = [...results.most].map(([name, { cpu }]) => `${name} ${round(cpu * 100, 0)} %`);
  const untried = [...results.most].filter(([, most]) => most.last).map(([name]) => name);
  const loss = [...results.typed].flatMap(([load, servers]) =>
    [...servers].flatMap(([server, rounds]) => {
      const least = Math.min(...rounds.map(({ delivered }) => delivered));
      return least < 1 ? [`${server} ${round(least * 100, 2)} % (${load})`] : [];
    }),
  );
  return `# Documents: the last run

${date.toISOString().slice(0, 16).replace("T", " ")} UTC, 2 shared cores (servers on one, the generator on the other, other work on both): figures of one
machine, and noisy; the ratios say more than the figures. Medians of ${rounds} interleaved rounds of ${seconds} s (least–most).
The load average was ${round(load)}, and a durable write of 4 kB took ${fsyncMs.map((ms) => round(ms)).join(" and ")} ms, before and after.
${versions}. Written by \`npm run bench -- documents\`.

## To Coterie

How many times Coterie's figure: above 1 × costs more, or takes longer, or, of edits a second, does more.

${table(
  ratio,
  SERVERS.filter((server) => server !== "Coterie"),
)}

## Budgets

${[head(["work", "budget", "Coterie", ""]), ...budgets].join("\n")}

## Figures

${table(cell, SERVERS)}

- Coterie, under plain \`workerd serve\`, journals every edit before anybody sees it. So does "relay, a row a message", which does nothing else;
  "relay" stores nothing. y-partyserver and Hocuspocus store the whole document some time after a change, y-websocket-server stores nothing.
- Latency counts from when an edit was meant to be sent to its receipt by each other client, in real documents' updates. "lost": the document did not outlive the server process.
- Bytes are all that the clients' sockets received, over the edits that reached somebody else; Coterie also sends a typist their own edits back, as y-websocket-server does.
- Most edits a second: Coterie closes a socket that says more than 100 frames a second, so that as shipped 20 stock clients get to 2,000; the figure is with that limit
  lifted, what a room bears. CPU of the servers at the last step tried: ${shares.join(", ")}; one far below 100 % waited for the disk,
  or the machine for something else.${untried.length > 0 ? ` More was not tried with: ${untried.join(", ")}.` : ""}
- Coterie sends a long document bit by bit, so that no reader holds more than a window of it in the room's memory. A stock client applies each bit by itself, and
  its Yjs splits what it has just joined wherever a later bit comes between: twice the work of one long update, which the others send. The SDK applies what has come at once.${loss.length > 0 ? `\n- Not everything came in time: ${loss.join(", ")}.` : ""}${results.troubles.map((trouble) => `\n- Not measured: ${trouble}.`).join("")}
`;
}

const show = (value: number, digits: number): string =>
  Number.isFinite(value) ? round(value, digits).toLocaleString("en-US") : value === Infinity ? "never" : "–";
const size = (bytes: number): string => (bytes >= 1e6 ? `${round(bytes / 1e6, 0)} MB` : `${round(bytes / 1e3, 0)} kB`);
const wakeCpu = (wakes: readonly Wake[]): number => median(wakes.map(({ cpuMs }) => cpuMs));
