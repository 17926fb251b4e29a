/** The table: the board over the whole window, and around it what one needs to know. */
import { useCallback, useEffect, useRef, useState } from "react";
import { pictureOf } from "../pictures/index.ts";
import { rememberTable } from "../recent.ts";
import { useGame, useRoom } from "../room.ts";
import { useActivity } from "./activity.ts";
import { Banner } from "./banner.tsx";
import { Drawer, type Panel } from "./drawer.tsx";
import { Finished } from "./finished.tsx";
import { KeysHelp } from "./keys-help.tsx";
import { Mirror } from "./mirror.tsx";
import { PictureCard } from "./picture-card.tsx";
import { joinedOf } from "./progress.ts";
import { click } from "./sound.ts";
import { Tools } from "./tools.tsx";
import { TopBar } from "./top-bar.tsx";
import { useBoard } from "./use-board.ts";
import { useDevtools } from "./use-devtools.ts";
import { useIntroduction } from "./use-introduction.ts";

/** How much of the window (px) the tools cover from below. */
const TOOLS_HIGH = 66;

export function Table({ id }: { id: string }) {
  const room = useRoom();
  const host = useRef<HTMLDivElement>(null);
  const [said, say] = useState("");
  const [panel, setPanel] = useState<Panel | "none">("none");
  const [picture, showPicture] = useState(false);
  const [edges, setEdges] = useState(false);
  const [sound, setSound] = useState(false);
  const [help, showHelp] = useState(false);
  const [closed, setClosed] = useState(false);
  const [covered, setCovered] = useState(TOOLS_HIGH);
  const finished = useGame((state) => state.meta.finishedAt !== 0);
  const joined = useGame(joinedOf);
  const count = useGame((state) => state.pieces.size);
  const activity = useActivity(room);
  useIntroduction(room);
  useDevtools(room);

  const close = (): void => {
    setClosed(true);
    setCovered(TOOLS_HIGH);
  };
  const onHelp = useCallback(() => showHelp(true), []);
  const soundOn = useRef(sound);
  useEffect(() => {
    soundOn.current = sound;
  }, [sound]);
  const onJoined = useCallback(() => soundOn.current && click(), []);
  const board = useBoard(host, { say, joined: onJoined, help: onHelp });

  useEffect(() => {
    document.title = `${joined} of ${count} · ${pictureOf(room.params).name}`;
    return () => {
      document.title = "Coterie · a jigsaw for everyone at the table";
    };
  }, [room, joined, count]);
  useEffect(() => rememberTable({ id, params: room.params, joined, at: Date.now() }), [id, room, joined]);
  useEffect(() => board?.edgesOnly(edges), [board, edges]);
  useEffect(() => {
    if (finished) board?.admire(covered);
  }, [board, finished, covered]);

  return (
    <main className="table" data-panel={panel} data-testid="table">
      <div className="cloth" aria-hidden="true" />
      <div
        ref={host}
        className="board"
        tabIndex={0}
        role="application"
        aria-label="Puzzle table. Tab walks the pieces, Enter lifts and puts down, arrows move, question mark shows all keys."
        data-testid="board"
        data-ready={board !== undefined}
      />
      <TopBar joined={joined} count={count} panel={panel} setPanel={setPanel} />
      <Banner />
      <Tools
        board={board}
        edges={edges}
        setEdges={setEdges}
        picture={picture}
        showPicture={showPicture}
        sound={sound}
        setSound={setSound}
        help={onHelp}
        say={say}
      />
      {picture && <PictureCard close={() => showPicture(false)} />}
      {panel !== "none" && <Drawer panel={panel} setPanel={setPanel} activity={activity} />}
      {finished && !closed && <Finished covers={setCovered} close={close} />}
      {help && <KeysHelp close={() => showHelp(false)} />}
      <Mirror said={said} joined={joined} count={count} />
    </main>
  );
}
