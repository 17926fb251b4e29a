/** The way in: choose a picture and a size, and start; or follow a link; or go back to a table. */
import { useState } from "react";
import { EVENING_SIZES, gridOf, SIZES, type PuzzleParams } from "../../puzzle/grid.ts";
import { Mark } from "../icons.tsx";
import { MeEditor } from "../me-editor.tsx";
import { PICTURES } from "../pictures/index.ts";
import { PageLink } from "../page-link.tsx";
import { PictureImage } from "../pictures/picture-image.tsx";
import { startPuzzle } from "../router.ts";
import { ThemeButton } from "../theme-button.tsx";
import { JoinByLink } from "./join-by-link.tsx";
import { OpenTables } from "./open-tables.tsx";
import { PlayWithSomeone } from "./play-with-someone.tsx";
import { Preview } from "./preview.tsx";
import { RecentTables } from "./recent-tables.tsx";

/** Every visit brings other pictures: the seeds of the six are drawn once per page. */
const SEEDS = [...crypto.getRandomValues(new Uint32Array(PICTURES.length))];
const THUMBNAIL = 360;

export function Lobby() {
  const [picture, setPicture] = useState(() => Math.floor(Math.random() * PICTURES.length));
  const [size, setSize] = useState(1);
  const [large, setLarge] = useState(false);
  const { cols, rows, pieces } = SIZES[size] ?? SIZES[0]!;
  const params: PuzzleParams = { cols, rows, picture, seed: SEEDS[picture] ?? 1 };
  return (
    <main className="lobby" data-testid="lobby">
      <header className="lobby-top">
        <span className="brand">
          <Mark /> Coterie
        </span>
        <ThemeButton />
      </header>
      <div className="lobby-body">
        <section className="lobby-choose">
          <h1>A jigsaw for everyone at&nbsp;the&nbsp;table.</h1>
          <p className="lede">Pick a picture, send the link to your friends, and put it together, every hand in sight.</p>
          <fieldset className="pictures">
            <legend className="label">Picture</legend>
            {PICTURES.map(({ name }, index) => (
              <label key={name} className="picture-choice">
                <input
                  type="radio"
                  name="picture"
                  checked={index === picture}
                  onChange={() => setPicture(index)}
                  data-testid={`picture-${index}`}
                />
                <PictureImage params={{ cols: 6, rows: 4, picture: index, seed: SEEDS[index] ?? 1 }} pixels={THUMBNAIL} />
                <span>{name}</span>
              </label>
            ))}
          </fieldset>
          <fieldset className="sizes">
            <legend className="label">Pieces</legend>
            {SIZES.slice(0, large ? SIZES.length : EVENING_SIZES).map((each, index) => (
              <label key={each.pieces}>
                <input
                  type="radio"
                  name="size"
                  checked={index === size}
                  onChange={() => setSize(index)}
                  data-testid={`size-${each.pieces}`}
                />
                <span>{each.pieces.toLocaleString("en")}</span>
              </label>
            ))}
            {!large && (
              <button type="button" className="sizes-more" data-testid="more-sizes" onClick={() => setLarge(true)}>
                More
              </button>
            )}
          </fieldset>
          <MeEditor />
          <button type="button" className="button primary large" data-testid="start" onClick={() => startPuzzle(params)}>
            Start a puzzle of {pieces.toLocaleString("en")}
          </button>
          <p className="hint">The table gets a link that nobody can guess: whoever has it can sit down.</p>
          <PlayWithSomeone params={params} />
        </section>
        <section className="lobby-show">
          <Preview key={`${picture}/${size}`} params={params} ratio={gridOf(params).width / gridOf(params).height} />
          <OpenTables />
          <JoinByLink />
          <RecentTables />
        </section>
      </div>
      <footer className="lobby-foot">
        Built with Coterie: each table is one room on Cloudflare Durable Objects.{" "}
        <PageLink to="/costs">What a month of it costs</PageLink>
      </footer>
    </main>
  );
}
