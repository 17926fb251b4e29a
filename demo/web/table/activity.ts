/** Who joined what, and who came and went, since this page was opened. */
import { useEffect, useState } from "react";
import type { PuzzleRoom } from "../board/people.ts";
import { clock } from "../time.ts";

export interface Happening {
  readonly key: number;
  /** Whose doing it was, by `c.me`. */
  readonly by: number;
  readonly text: string;
  /** ms since 1970 */
  readonly at: number;
  /** Joins of one person after another are told as one. */
  readonly joins: number;
}

const KEEP = 60;
/** Joins closer together than this (ms) are told as one. */
const STREAK = 20_000;

export function useActivity(room: PuzzleRoom): readonly Happening[] {
  const [list, setList] = useState<readonly Happening[]>([]);
  useEffect(() => {
    let key = 0;
    let here = new Set(room.others.map(({ id }) => id));
    const add = (by: number, text: string): void =>
      setList((before) => [{ key: ++key, by, text, at: Date.now(), joins: 0 }, ...before].slice(0, KEEP));
    const stopEvents = room.on("event", (event) => {
      if (event.type === "joined") {
        const { by, joins, size } = event.data;
        setList((before) => {
          const now = Date.now();
          const streak = before.find((each) => each.by === by && each.joins > 0 && now - each.at < STREAK);
          const total = (streak?.joins ?? 0) + joins;
          const text = `${total === 1 ? "made a join" : `made ${total} joins`}, now ${size} together`;
          return [{ key: ++key, by, text, at: now, joins: total }, ...before.filter((each) => each !== streak)].slice(0, KEEP);
        });
      } else add(event.data.by, `laid the last piece after ${clock(event.data.ms)}`);
    });
    const stopOthers = room.on("others", (others) => {
      const now = new Set(others.map(({ id }) => id));
      for (const id of now) if (!here.has(id)) add(id, "sat down");
      for (const id of here) if (!now.has(id)) add(id, "left");
      here = now;
    });
    return () => {
      stopEvents();
      stopOthers();
    };
  }, [room]);
  return list;
}
