/** A table's page: sits down at it, and says what is the matter when that fails. */
import { useEffect, useState } from "react";
import { SIZES, type PuzzleParams } from "../../puzzle/grid.ts";
import { PICTURES } from "../pictures/index.ts";
import { PlayWithSomeone } from "../lobby/play-with-someone.tsx";
import { client, RoomProvider, useRoom } from "../room.ts";
import { paramsOfStarted } from "../router.ts";
import { Earlier } from "./earlier.tsx";
import { Table } from "./table.tsx";
import { Trouble } from "./trouble.tsx";
import { Waiting } from "./waiting.tsx";

export function TablePage({ id }: { id: string }) {
  const [create, setCreate] = useState(() => paramsOfStarted(id));
  const [attempt, setAttempt] = useState(0);
  const again = (params?: PuzzleParams): void => {
    if (params) setCreate(params);
    setAttempt(attempt + 1);
  };
  return (
    <RoomProvider key={attempt} client={client()} id={id} presence={{ cursor: null }} {...(create && { create })}>
      <Seat id={id} again={again} />
      <Earlier />
    </RoomProvider>
  );
}

type Sitting = { kind: "waiting" } | { kind: "seated" } | { kind: "failed"; code: string };

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown";

function Seat({ id, again }: { id: string; again: (params?: PuzzleParams) => void }) {
  const room = useRoom();
  const [sitting, setSitting] = useState<Sitting>({ kind: "waiting" });
  useEffect(() => {
    let current = true;
    room.ready.then(
      () => current && setSitting({ kind: "seated" }),
      (error: unknown) => current && setSitting({ kind: "failed", code: codeOf(error) }),
    );
    // A room that was open can still end: the reason comes as an error, and the room does not come back by itself.
    const stop = room.on("error", (error: unknown) => {
      if (current && room.status === "disconnected") setSitting({ kind: "failed", code: codeOf(error) });
    });
    return () => {
      current = false;
      stop();
    };
  }, [room]);

  switch (sitting.kind) {
    case "waiting":
      return <Waiting text="Finding the table…" />;
    case "seated":
      return <Table id={id} />;
    case "failed":
      return sitting.code === "full" ? <Full id={id} /> : <Failed code={sitting.code} again={again} />;
    default:
      return sitting satisfies never;
  }
}

function anyPuzzle(): PuzzleParams {
  const [seed = 1] = crypto.getRandomValues(new Uint32Array(1));
  const { cols, rows } = SIZES[1]!;
  return { cols, rows, picture: seed % PICTURES.length, seed };
}

interface Reason {
  readonly title: string;
  readonly text: string;
}

const REASONS: Readonly<Record<string, Reason>> = {
  forbidden: { title: "This table is not open to you", text: "Ask whoever sent you the link for a new one." },
  kicked: { title: "You were asked to leave", text: "Somebody with the right to has removed you from this table." },
  token: { title: "Your pass has run out", text: "Sit down again to get a new one. What you did is kept." },
  version: { title: "There is a new version", text: "Load the page again; nothing is lost." },
  replaced: {
    title: "You are at this table in another window",
    text: "This one has stopped, so that the two do not get in each other's way.",
  },
  unsupported: { title: "This page is too old for the table", text: "Load it again; nothing is lost." },
};
const UNKNOWN: Reason = {
  title: "The table cannot be reached",
  text: "Something went wrong on the way. What was saved is still there.",
};

function Failed({ code, again }: { code: string; again: (params?: PuzzleParams) => void }) {
  if (code === "not-found") return <MakeIt again={again} />;
  const { title, text } = REASONS[code] ?? UNKNOWN;
  return (
    <Trouble title={title} text={text}>
      <button
        type="button"
        className="button primary"
        onClick={() => (code === "version" || code === "unsupported" ? location.reload() : again())}
      >
        {code === "version" || code === "unsupported" ? "Load again" : "Try again"}
      </button>
    </Trouble>
  );
}

/** Every chair is taken: there are other tables. */
function Full({ id }: { id: string }) {
  return (
    <Trouble title="This table is full" text="Sit down at another, or come back in a moment.">
      <PlayWithSomeone params={anyPuzzle()} except={id} />
    </Trouble>
  );
}

/** Nobody has sat here yet, or the table was cleared away. */
function MakeIt({ again }: { again: (params?: PuzzleParams) => void }) {
  const [seed] = useState(() => crypto.getRandomValues(new Uint32Array(1))[0] ?? 1);
  return (
    <Trouble title="There is no table here yet" text="Be the first: lay out a puzzle, and this link leads to it.">
      {SIZES.slice(0, 4).map(({ pieces, cols, rows }) => (
        <button
          key={pieces}
          type="button"
          className="button primary"
          data-testid={`make-${pieces}`}
          onClick={() => again({ cols, rows, picture: seed % PICTURES.length, seed })}
        >
          {pieces} pieces
        </button>
      ))}
    </Trouble>
  );
}
