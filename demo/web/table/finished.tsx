/** The end: how long it took, who joined how much, the picture to keep, and another one. */
import { useEffect, useRef, useState } from "react";
import { SIZES } from "../../puzzle/grid.ts";
import { DownloadIcon } from "../icons.tsx";
import { PICTURES, pictureOf } from "../pictures/index.ts";
import { paint } from "../pictures/painter.ts";
import { usePerson, useRoom } from "../room.ts";
import { startPuzzle } from "../router.ts";
import { clock } from "../time.ts";
import { confetti } from "./confetti.ts";

const SAVED_PIXELS = 3200;
/** px between the picture and the words. */
const SPARE = 10;

interface Props {
  /** How much of the window (px) this covers from below. */
  readonly covers: (px: number) => void;
  readonly close: () => void;
}

export function Finished({ covers, close }: Props) {
  const card = useRef<HTMLElement>(null);
  const room = useRoom();
  const rain = useRef<HTMLCanvasElement>(null);
  const { startedAt, finishedAt } = room.state.meta;
  // Nothing is joined any more, so the list stays as it is.
  const [credits] = useState(() =>
    [...room.state.players].filter(({ joined }) => joined > 0).sort((a, b) => b.joined - a.joined),
  );
  const most = credits[0]?.joined ?? 1;

  useEffect(
    () => (rain.current && !matchMedia("(prefers-reduced-motion: reduce)").matches ? confetti(rain.current) : undefined),
    [],
  );

  useEffect(() => {
    if (card.current) covers(innerHeight - card.current.offsetTop + SPARE);
  }, [covers]);

  const next = SIZES.find(({ pieces }) => pieces > room.params.cols * room.params.rows);
  const again = (): void => {
    const [seed] = crypto.getRandomValues(new Uint32Array(1));
    const { cols, rows } = next ?? SIZES[0]!;
    startPuzzle({ cols, rows, picture: (room.params.picture + 1) % PICTURES.length, seed: seed ?? 1 });
  };

  return (
    <>
      <canvas ref={rain} className="confetti" aria-hidden="true" />
      <section ref={card} className="finished" aria-labelledby="finished-title" data-testid="finished">
        <h2 id="finished-title">{pictureOf(room.params).name}, complete.</h2>
        <p className="finished-time">
          {room.params.cols * room.params.rows} pieces in <b>{clock(finishedAt - startedAt)}</b>
        </p>
        <ol className="credits">
          {credits.map(({ id, joined }) => (
            <Credit key={id} id={id} joined={joined} part={joined / most} />
          ))}
        </ol>
        <div className="finished-ways">
          <button type="button" className="button primary" onClick={again} data-testid="again">
            {next ? `Again, with ${next.pieces.toLocaleString("en")} pieces` : "Another one"}
          </button>
          <button type="button" className="button" onClick={() => void save(room.params)} data-testid="save">
            <DownloadIcon /> Save the picture
          </button>
          <button type="button" className="button" onClick={close}>
            Look at it
          </button>
        </div>
      </section>
    </>
  );
}

function Credit({ id, joined, part }: { id: number; joined: number; part: number }) {
  const { name, colour } = usePerson(id);
  return (
    <li>
      <span>{name}</span>
      <span className="credit-bar" style={{ "--part": part, "--bar": colour.vivid }} />
      <span className="credit-count">{joined === 1 ? "1 join" : `${joined} joins`}</span>
    </li>
  );
}

async function save(params: Parameters<typeof paint>[0]): Promise<void> {
  const image = await paint(params, SAVED_PIXELS);
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  const url = URL.createObjectURL(await canvas.convertToBlob({ type: "image/png" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${pictureOf(params).name.toLowerCase().replaceAll(" ", "-")}.png`;
  link.click();
  // The download has its own hold on the bytes by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
