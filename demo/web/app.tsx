/** Which page: the lobby at `/`, a table at `/p/<room id>`, what it costs at `/costs`. */
import { lazy, Suspense } from "react";
import { isRoomId } from "coterie";
import { Lobby } from "./lobby/lobby.tsx";
import { usePath } from "./router.ts";
import { TablePage } from "./table/table-page.tsx";
import { Trouble } from "./table/trouble.tsx";
import { Waiting } from "./table/waiting.tsx";

/** Nobody who comes to play has to load it. */
const CostsPage = lazy(() => import("./costs/costs-page.tsx").then(({ CostsPage }) => ({ default: CostsPage })));

export function App() {
  const path = usePath();
  if (path === "/") return <Lobby />;
  if (path === "/costs")
    return (
      <Suspense fallback={<Waiting text="Adding up…" />}>
        <CostsPage />
      </Suspense>
    );
  const id = /^\/p\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined && isRoomId(id)) return <TablePage key={id} id={id} />;
  return <Trouble title="There is no such page" text="The link may have lost a few letters on its way." />;
}
