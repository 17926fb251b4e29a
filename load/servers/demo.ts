/** The demo's worker as it is deployed, under a plain workerd on this machine, on a core of its own. */
import { underWorkerd, type Process } from "./processes.ts";

export const startDemo = (): Promise<Process> =>
  underWorkerd<object>({}, "../../demo/worker.ts", [
    { binding: "PUZZLE", className: "Puzzle", folder: "puzzle" },
    { binding: "DOCUMENT", className: "Docs", folder: "document" },
    { binding: "LOBBY", className: "Lobby", folder: "lobby" },
  ]);
