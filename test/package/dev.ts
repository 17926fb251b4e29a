/** A worker as its developer runs it: `wrangler dev` in its folder, on a port that is free. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Served extends AsyncDisposable {
  /** "localhost:8787". */
  readonly host: string;
}

export async function dev(folder: string): Promise<Served> {
  const options = ["--ip", "localhost", "--port", "0", "--inspector-port", "0", "--show-interactive-dev-session=false"];
  // A group of its own, so that one signal reaches the workerd under it too.
  const child = spawn("wrangler", ["dev", ...options], { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const stopped = once(child, "exit");
  const printed: string[] = [];
  const host = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on("line", (line) => {
        printed.push(line);
        const ready = /Ready on http:\/\/(\S+)/.exec(line)?.[1];
        if (ready !== undefined) resolve(ready);
      });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`wrangler dev stopped with ${code}:\n${printed.join("\n")}`)));
  });
  return {
    host,
    async [Symbol.asyncDispose]() {
      process.kill(-child.pid!, "SIGKILL");
      await stopped;
    },
  };
}
