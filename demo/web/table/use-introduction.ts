/** Tells the table who we are, when we sit down and when it changes. */
import { useEffect } from "react";
import type { PuzzleRoom } from "../board/people.ts";
import { useIdentity } from "../identity.ts";

/** A name is sent when it has not been typed at for this long, in ms. */
const TYPED = 500;

export function useIntroduction(room: PuzzleRoom): void {
  const { name, colour } = useIdentity();
  useEffect(() => {
    const known = room.self && room.state.players.get(room.self.id);
    if (known && known.name === name && known.colour === colour) return;
    const timer = setTimeout(
      () => {
        // Refused only when it comes too often; then the next change says it.
        room.do.introduce({ name, colour }).catch(() => {});
      },
      known?.name ? TYPED : 0,
    );
    return () => clearTimeout(timer);
  }, [room, name, colour]);
}
