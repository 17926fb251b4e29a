/** The size of what an app downloads, as a bundler leaves it: minified, gzipped, without the peers. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

/** Entry of the package → bytes, minified and gzipped. */
export async function bundleSize(entry: string): Promise<number> {
  const output = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      modulePreload: false,
      // As a part of an app: a library build would keep its white space.
      rolldownOptions: {
        input: fileURLToPath(new URL(`../${entry}`, import.meta.url)),
        preserveEntrySignatures: "strict",
        external: [/^react/, /^yjs/, /^y-protocols/],
      },
    },
  });
  const chunks = (Array.isArray(output) ? output : [output as Rolldown.RolldownOutput]).flatMap((each) => each.output);
  return chunks.reduce((sum, chunk) => sum + (chunk.type === "chunk" ? gzipSync(chunk.code, { level: 9 }).length : 0), 0);
}
