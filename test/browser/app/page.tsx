/** The pages of react.test.ts and devtools.test.ts, one a name in the address; components count how often they render. */
import { Activity, Component, lazy, memo, StrictMode, Suspense, useEffect, useState, type ReactNode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { createClient, RoomError, type DebugOptions } from "coterie/client";
import { devtools } from "coterie/client/devtools";
import { createRoomContext, shallow } from "coterie/react";
import {
  App,
  Company,
  RoomProvider,
  useEvent,
  useGame,
  useOther,
  useOtherIds,
  useOthers,
  useRoom,
  useRtt,
  useSelf,
  useStatus,
  useSync,
} from "./hooks.tsx";
import { Early } from "./early.tsx";
import { hallRoom, madeRoom } from "./rooms.ts";

const hall = createRoomContext(hallRoom);
const made = createRoomContext(madeRoom);
const real = createClient();
const joined: string[] = [];
const client: typeof real = {
  ...real,
  join(room, at, ...options) {
    joined.push(`${room.name}/${at}`);
    return real.join(room, at, ...options);
  },
};
const query = new URLSearchParams(location.search);
const id = query.get("room")!;

const renders: Record<string, number> = {};
const count = (name: string): void => void (renders[name] = (renders[name] ?? 0) + 1);

declare global {
  interface Window {
    react: {
      /** By component: how often it rendered. */
      readonly renders: Record<string, number>;
      /** What React reported: hydration that did not fit, errors that it recovered from. */
      readonly reported: string[];
      /** Party and room of every join. */
      readonly joined: string[];
      room?: ReturnType<typeof useRoom>;
      /** Lets the page take up what it has left for later. */
      late(): void;
      unmount(): void;
    };
  }
}

/** A component that shows what a hook gives. */
function counted(name: string, useValue: () => unknown): () => ReactNode {
  return function Counted() {
    count(name);
    return <p data-testid={name}>{JSON.stringify(useValue())}</p>;
  };
}

const COUNTED = [
  counted("piece 0", () => useGame((state) => state.pieces.get(0))),
  counted("piece 1", () => useGame((state) => state.pieces.get(1))),
  counted("moves", () => useGame((state) => state.score.moves)),
  counted("xs", () => useGame((state) => [...state.pieces].map(({ x }) => x), shallow)),
  counted("xs, always new", () => useGame((state) => [...state.pieces].map(({ x }) => x))),
  counted("status", useStatus),
  counted("sync", () => useSync().state),
  counted("rtt", useRtt),
  counted("self", () => useSelf(({ presence }) => presence.cursor)),
  counted("everyone", () => useOthers().map(({ presence }) => presence.cursor)),
  counted("names", () => useOthers((others) => others.map(({ user }) => user.name), shallow)),
];

function Counters() {
  count("Counters");
  const room = useRoom();
  useEffect(() => {
    window.react.room = room;
  }, [room]);
  return (
    <>
      {COUNTED.map((Counted, index) => (
        <Counted key={index} />
      ))}
      <Cursors />
    </>
  );
}

function Cursors() {
  count("ids");
  return useOtherIds().map((peer) => <Cursor key={peer} peer={peer} />);
}

const Cursor = memo(function Cursor({ peer }: { peer: number }) {
  const name = useOther(peer, ({ user }) => user.name);
  const cursor = useOther(peer, ({ presence }) => presence.cursor);
  count(`cursor of ${name}`);
  return <p data-testid={`cursor of ${name}`}>{JSON.stringify(cursor)}</p>;
});

/** Says what was thrown to it; a click tries again. */
class Boundary extends Component<{ children: ReactNode }, { code?: string }> {
  override state: { code?: string } = {};
  static getDerivedStateFromError = (error: unknown) => ({ code: error instanceof RoomError ? error.code : String(error) });
  override render() {
    if (this.state.code === undefined) return this.props.children;
    return (
      <button data-testid="failed" onClick={() => this.setState({ code: undefined as never })}>
        {this.state.code}
      </button>
    );
  }
}

/** The boundary is above the provider, where a first render that suspends is thrown away. */
function Suspended() {
  return (
    <Boundary>
      <Suspense fallback={<p data-testid="waiting">waiting</p>}>
        <made.RoomProvider client={client} id={id} presence={{}}>
          <MadeReady />
        </made.RoomProvider>
      </Suspense>
    </Boundary>
  );
}

function MadeReady() {
  made.useReady();
  return <Title />;
}

function Title() {
  return <p data-testid="title">{made.useRoom().params.title}</p>;
}

/** Without a room there is nothing to be inside of: the provider says so, until a click makes one. */
function Gated() {
  const [create, setCreate] = useState<{ title: string }>();
  return (
    <>
      <button data-testid="make" onClick={() => setCreate({ title: "made here" })} />
      <Boundary>
        <made.RoomProvider
          client={client}
          id={id}
          presence={{}}
          {...(create && { create })}
          fallback={<p data-testid="waiting" />}
        >
          <Title />
        </made.RoomProvider>
      </Boundary>
    </>
  );
}

/** A board in a hall, and a board in that; each shows whom it sees. */
function Nested() {
  const [board, setBoard] = useState(id);
  return (
    <hall.RoomProvider client={client} id={id} presence={{ mood: "glad" }}>
      <button data-testid="change" onClick={() => setBoard(`${id}-other`)} />
      <Moods />
      <RoomProvider client={client} id={board} presence={{ cursor: null }}>
        <Draft />
        <Moods />
        <RoomProvider client={client} id={`${id}-inner`} presence={{ cursor: null }} fallback={null}>
          <Draft />
        </RoomProvider>
      </RoomProvider>
    </hall.RoomProvider>
  );
}

const Moods = counted("moods", () => hall.useOthers((others) => others.map(({ presence }) => presence.mood), shallow));

/** State of its own, which is the old room's: it must not come along to the new one. */
function Draft() {
  const room = useRoom();
  const moves = useGame((state) => state.score.moves);
  const [written, write] = useState(0);
  useEvent((event) => event.type === "moved" && write(written + 1));
  return (
    <p data-testid="draft">
      {room.id}: {moves} moves, {written} heard
    </p>
  );
}

/** Put away and taken out again, with its state. */
function PutAway() {
  const [mode, setMode] = useState<"visible" | "hidden">("visible");
  return (
    <>
      <button data-testid="change" onClick={() => setMode(mode === "visible" ? "hidden" : "visible")} />
      <Activity mode={mode}>
        <RoomProvider client={client} id={id} presence={{ cursor: null }} fallback={null}>
          <Draft />
        </RoomProvider>
      </Activity>
    </>
  );
}

const late = Promise.withResolvers<void>();
const Late = lazy(() => late.promise.then(() => ({ default: Company })));

const debug: DebugOptions = {};
const worse = createClient({ debug });

/** A page that uses keys itself, and has the devtools. */
function Tools() {
  return (
    <RoomProvider client={worse} id={id} presence={{ cursor: null }} fallback={null}>
      <Bench />
    </RoomProvider>
  );
}

function Bench() {
  const room = useRoom();
  const [pressed, press] = useState("");
  useEffect(() => {
    window.react.room = room;
    return devtools(room, { debug });
  }, [room]);
  useEffect(() => {
    const heard = ({ key }: KeyboardEvent): void => press((before) => before + key);
    addEventListener("keydown", heard);
    return () => removeEventListener("keydown", heard);
  }, []);
  return <p data-testid="pressed">{pressed}</p>;
}

const PAGES: Record<string, () => ReactNode> = {
  hooks: () => <App id={id} />,
  early: () => <Early client={client} id={id} Late={Late} />,
  counts: () => (
    <RoomProvider client={client} id={id} presence={{ cursor: null }}>
      <Counters />
    </RoomProvider>
  ),
  suspended: () => <Suspended />,
  gated: () => <Gated />,
  nested: () => <Nested />,
  "put-away": () => <PutAway />,
  tools: () => <Tools />,
};

const host = document.getElementById("root")!;
const reported: string[] = [];
const page = PAGES[query.get("page")!]!();
const tree = query.has("strict") ? <StrictMode>{page}</StrictMode> : page;
const root =
  host.childElementCount > 0
    ? hydrateRoot(host, tree, { onRecoverableError: (error) => reported.push(String(error)) })
    : createRoot(host);
window.react = { renders, reported, joined, late: late.resolve, unmount: () => root.unmount() };
if (host.childElementCount === 0) root.render(tree);
