/**
 * A script as one file: for this runner, with k6's modules as this runner has them, or for k6 itself, which keeps its own. An
 * import that the runner does not provide is refused here, by its name, before anything runs.
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";
import { configError } from "./exit-code.ts";
import { PROVIDED } from "./modules/provided.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const K6 = /^k6(\/|$)/;
/** Free in the bundled script: what each virtual user hands to its own copy. */
export const MODULES = "__k6modules";
export const STATE = "__k6state";

/** For this runner: the body of a function that fills `exports`. */
export async function bundleForRunner(script: string): Promise<string> {
  const define = { __VU: `${STATE}.vu`, __ITER: `${STATE}.iteration` };
  return bundled(script, { format: "cjs", exports: "named" }, [providing], define);
}

/** For k6: writes `<directory>/<name>.js`, and returns its path. */
export async function bundleForK6(script: string, name: string, directory: string): Promise<string> {
  const file = `${name}.js`;
  await bundled(script, { format: "es", entryFileNames: file }, [], {}, directory);
  return join(directory, file);
}

/** k6's modules, with exactly the names that there are. */
const providing: Plugin = {
  name: "k6-modules",
  enforce: "pre",
  resolveId(id) {
    return K6.test(id) ? `\0${id}` : undefined;
  },
  load(id) {
    if (!id.startsWith("\0k6")) return undefined;
    const module = id.slice(1);
    const names = PROVIDED[module];
    if (!names)
      throw configError(
        `${module} is not provided by this runner; it has ${Object.keys(PROVIDED).join(", ")}. k6 itself may have it.`,
      );
    const from = `${MODULES}[${JSON.stringify(module)}]`;
    return [...names.map((name) => `export const ${name} = ${from}.${name};`), `export default ${from};`].join("\n");
  },
};

async function bundled(
  script: string,
  output: Rolldown.OutputOptions,
  plugins: Plugin[],
  define: Record<string, string>,
  directory?: string,
): Promise<string> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: "silent",
    define,
    plugins,
    ssr: { noExternal: true, target: "webworker" },
    build: {
      ssr: resolve(script),
      target: "es2022",
      write: directory !== undefined,
      ...(directory === undefined ? {} : { outDir: directory }),
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        external: directory === undefined ? [] : K6,
        output: { codeSplitting: false, ...output },
        onLog(level, log, handler) {
          if (log.code === "IMPORT_IS_UNDEFINED" || log.code === "MISSING_EXPORT") throw configError(log.message);
          handler(level, log);
        },
      },
    },
  }).catch((error: unknown) => {
    throw explained(error, script);
  });
  const [chunk] = (Array.isArray(built) ? built : [built as Rolldown.RolldownOutput]).flatMap((each) => each.output);
  if (chunk?.type !== "chunk") throw configError(`${script} could not be bundled`);
  return chunk.code;
}

/** A bundler wraps what was thrown: the words of the reason, with the path of the script instead of this machine's. */
function explained(error: unknown, script: string): Error {
  const text = error instanceof Error ? error.message : String(error);
  return configError(`${script}: ${text.replaceAll(`${dirname(resolve(script))}/`, "").replaceAll(ROOT, "")}`);
}
