/** Puts the board into its element once the picture is painted, and takes it away again. */
import { useEffect, useState, type RefObject } from "react";
import { createBoard, type Board, type BoardEvents } from "../board/board.ts";
import { releaseStale } from "../board/hand.ts";
import type { PuzzleRoom } from "../board/people.ts";
import type { Look } from "../board/scene.ts";
import type { BoardView } from "../board/view.ts";
import { paint } from "../pictures/painter.ts";
import { useRoom } from "../room.ts";
import { theme as currentTheme, useTheme, type Theme } from "../theme.ts";

declare global {
  interface Window {
    /** For the console and for tests: the room of this table, and what is on the screen. */
    coterie?: { room: PuzzleRoom; view: BoardView };
  }
}

/** Along the longer side. A phone has fewer pixels to show and less memory to keep them in. */
const PIXELS = 3200;
const PIXELS_PHONE = 2048;
const PHONE = 600;

export function useBoard(host: RefObject<HTMLDivElement | null>, { say, joined, help }: BoardEvents): Board | undefined {
  const room = useRoom();
  const theme = useTheme();
  const [board, setBoard] = useState<Board>();

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    let made: Board | undefined;
    let current = true;
    paint(room.params, Math.min(innerWidth, innerHeight) < PHONE ? PIXELS_PHONE : PIXELS).then(
      (picture) => {
        if (!current) return;
        releaseStale(room);
        made = createBoard(element, room, picture, lookOf(element, currentTheme()), { say, joined, help });
        window.coterie = { room, view: made.view };
        setBoard(made);
      },
      (error: unknown) => say(`The picture could not be drawn: ${String(error)}`),
    );
    return () => {
      current = false;
      made?.destroy();
      delete window.coterie;
      setBoard(undefined);
    };
  }, [room, host, say, joined, help]);

  useEffect(() => {
    if (host.current) board?.look(lookOf(host.current, theme));
  }, [board, host, theme]);
  return board;
}

/** How dark a shadow is that falls on linen, and on slate. */
const SHADOW = { light: 0.8, dark: 1 } as const;

/** The colours of the theme, which CSS knows. */
function lookOf(element: HTMLElement, theme: Theme): Look {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    frameFill: read("--frame-fill"),
    frameLine: read("--frame-line"),
    focus: read("--focus"),
    shadow: SHADOW[theme],
  };
}
