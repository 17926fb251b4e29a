/** What one can do with the view, in the corner of the table. */
import type { ReactNode } from "react";
import type { Board } from "../board/board.ts";
import { EdgesIcon, FitIcon, GatherIcon, KeysIcon, MinusIcon, MuteIcon, PictureIcon, PlusIcon, SoundIcon } from "../icons.tsx";
import { useRoom } from "../room.ts";
import { ThemeButton } from "../theme-button.tsx";

interface Props {
  readonly board: Board | undefined;
  readonly edges: boolean;
  readonly setEdges: (on: boolean) => void;
  readonly picture: boolean;
  readonly showPicture: (on: boolean) => void;
  readonly sound: boolean;
  readonly setSound: (on: boolean) => void;
  readonly help: () => void;
  readonly say: (text: string) => void;
}

const ZOOM = 1.5;

export function Tools({ board, edges, setEdges, picture, showPicture, sound, setSound, help, say }: Props) {
  const room = useRoom();
  const gather = (): void => {
    room.do.gather().then(
      ({ value }) => say(value === 0 ? "No loose pieces lie in the frame." : `${value} loose pieces laid around the frame.`),
      () => say("Gathering did not work; try again in a moment."),
    );
  };
  return (
    <div className="tools" role="toolbar" aria-label="View">
      <ThemeButton />
      <Tool label={sound ? "Sound off" : "Sound on"} on={() => setSound(!sound)} pressed={sound}>
        {sound ? <SoundIcon /> : <MuteIcon />}
      </Tool>
      <Tool label="Keys" on={help} wide>
        <KeysIcon />
      </Tool>
      <span className="tools-gap" />
      <Tool label="Gather loose pieces" on={gather} testid="gather">
        <GatherIcon />
      </Tool>
      <Tool label="Edge pieces only" on={() => setEdges(!edges)} pressed={edges} testid="edges">
        <EdgesIcon />
      </Tool>
      <Tool label="Look at the picture" on={() => showPicture(!picture)} pressed={picture} testid="picture">
        <PictureIcon />
      </Tool>
      <span className="tools-gap" />
      <Tool label="Show the whole table" on={() => board?.fit()} testid="fit">
        <FitIcon />
      </Tool>
      <Tool label="Zoom out" on={() => board?.zoom(1 / ZOOM)} wide>
        <MinusIcon />
      </Tool>
      <Tool label="Zoom in" on={() => board?.zoom(ZOOM)} wide>
        <PlusIcon />
      </Tool>
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly on: () => void;
  readonly pressed?: boolean;
  /** Left out where the screen is narrow: fingers zoom, and there are no keys. */
  readonly wide?: boolean;
  readonly testid?: string;
  readonly children: ReactNode;
}

function Tool({ label, on, pressed, wide, testid, children }: ToolProps) {
  return (
    <button
      type="button"
      className={wide ? "tool wide" : "tool"}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={on}
      data-testid={testid}
    >
      {children}
    </button>
  );
}
