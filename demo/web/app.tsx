/** Which page: the lobby at `/`, a table at `/p/<room id>`. */
import { isRoomId } from "coterie";
import { Lobby } from "./lobby/lobby.tsx";
import { usePath } from "./router.ts";
import { TablePage } from "./table/table-page.tsx";
import { Trouble } from "./table/trouble.tsx";

export function App() {
  const path = usePath();
  if (path === "/") return <Lobby />;
  const id = /^\/p\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined && isRoomId(id)) return <TablePage key={id} id={id} />;
  return <Trouble title="There is no such page" text="The link may have lost a few letters on its way." />;
}
