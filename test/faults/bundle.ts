/** A worker as one file, as a deploy would make it, for a workerd that runs without wrangler. */
import { join } from "node:path";
import { build, type Plugin } from "vite";

/** Bundles `entry` (a path in this folder) into a module; returns its path. */
export async function bundle(entry: string, directory: string, plugins: Plugin[] = []): Promise<string> {
  const file = "worker.js";
  await build({
    configFile: false,
    logLevel: "error",
    plugins,
    root: import.meta.dirname,
    ssr: { noExternal: true, target: "webworker" },
    build: {
      ssr: entry,
      outDir: directory,
      emptyOutDir: false,
      rolldownOptions: { external: /^(cloudflare|node):/, output: { entryFileNames: file } },
    },
  });
  return join(directory, file);
}
