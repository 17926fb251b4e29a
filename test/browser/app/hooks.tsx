/** Every hook once: what client/react/README.md shows, as it runs in react.test.ts. */
import { Suspense, useState } from "react";
import { createClient } from "coterie/client";
import { createRoomContext, shallow } from "coterie/react";
import { boardRoom } from "./rooms.ts";

export const {
  RoomProvider,
  useRoom,
  useReady,
  useGame,
  useDoc,
  useSelf,
  useOthers,
  useOther,
  useOtherIds,
  useStatus,
  useSync,
  useRtt,
  useEvent,
} = createRoomContext(boardRoom);

const client = createClient();

export function App({ id }: { id: string }) {
  return (
    <RoomProvider client={client} id={id} presence={{ cursor: null }} fallback={<p>Joining…</p>}>
      <Board />
    </RoomProvider>
  );
}

function Board() {
  const ids = useGame((state) => [...state.pieces].map(({ id }) => id), shallow);
  const others = useOtherIds();
  return (
    <main>
      {ids.map((id) => (
        <Piece key={id} id={id} />
      ))}
      {others.map((id) => (
        <Cursor key={id} id={id} />
      ))}
      <Company />
      <Me />
      <Connection />
      <Waves />
      <Notes />
      <Suspense fallback={<p>Counting…</p>}>
        <Moves />
      </Suspense>
    </main>
  );
}

function Piece({ id }: { id: number }) {
  const room = useRoom();
  const piece = useGame((state) => state.pieces.get(id));
  if (!piece) return null;
  const { x, y } = piece;
  return (
    <button data-testid={`piece-${id}`} onClick={() => room.do.move({ id, x: x + 10, y })}>
      {x}, {y}
    </button>
  );
}

function Cursor({ id }: { id: number }) {
  const cursor = useOther(id, (peer) => peer.presence.cursor);
  return <i data-testid="cursor">{cursor ? `${cursor.x}, ${cursor.y}` : "away"}</i>;
}

export function Company() {
  const names = useOthers((others) => others.map(({ user }) => user.name), shallow);
  return <p data-testid="company">With you: {names.join(", ") || "nobody"}</p>;
}

export function Me() {
  const room = useRoom();
  const cursor = useSelf((self) => self.presence.cursor);
  return (
    <button data-testid="me" onClick={() => room.setPresence({ cursor: { x: 1, y: 2 } })}>
      {cursor ? `at ${cursor.x}, ${cursor.y}` : "nowhere"}
    </button>
  );
}

export function Connection() {
  const status = useStatus();
  const { state, pending } = useSync();
  const rtt = useRtt();
  return (
    <p data-testid="connection">
      {status}, {state}, {pending} waiting, {rtt === undefined ? "no" : "a"} round trip
    </p>
  );
}

function Waves() {
  const room = useRoom();
  const [heard, hear] = useState("nothing");
  useEvent((event) => hear(event.type === "wave" ? `${event.from} waves ${event.data.hand}` : `${event.data.by} moved a piece`));
  return (
    <button data-testid="waves" onClick={() => room.broadcast("wave", { hand: "left" })}>
      {heard}
    </button>
  );
}

function Notes() {
  const text = useDoc().getText("notes");
  return <textarea data-testid="notes" onInput={({ currentTarget }) => text.insert(text.length, currentTarget.value)} />;
}

export function Moves() {
  useReady();
  const moves = useGame((state) => state.score.moves);
  return <output data-testid="moves">{moves} moves</output>;
}
