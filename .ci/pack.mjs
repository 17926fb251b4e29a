// What `npm pack` and `npm publish` put into the package: `dist/`, compiled from the sources, and a package.json that says so.
// Within the repository every export is its source, which Node, Vite, wrangler and the compiler run as it is. In the package
// it is the compiled file of the same path, with its types: Node reads no TypeScript under node_modules.
//
//   node .ci/pack.mjs            before packing: compiles, and writes the package's package.json over the repository's
//   node .ci/pack.mjs restore    after it: puts the repository's back

import { spawnSync } from "node:child_process";
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MANIFEST = "package.json";
/** The repository's own while the package's lies in its place. */
const KEPT = "node_modules/.package.json";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
if (process.argv[2] === "restore") renameSync(KEPT, MANIFEST);
else {
  const source = repositorys();
  compile();
  writeFileSync(KEPT, source);
  writeFileSync(MANIFEST, `${JSON.stringify(packages(JSON.parse(source)), null, 2)}\n`);
}

/** After a pack that was broken off, the package's may still lie in the repository. */
function repositorys() {
  const text = readFileSync(MANIFEST, "utf8");
  return typeof JSON.parse(text).exports["."] === "string" ? text : readFileSync(KEPT, "utf8");
}

function compile() {
  rmSync("dist", { recursive: true, force: true });
  const { status, error } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", ".tsconfig.package.json"], {
    stdio: ["ignore", 2, 2], // what npm prints of itself is the package's name
  });
  if (error) throw error;
  if (status !== 0) process.exit(1);
  // The compiler names sources in JavaScript by what they become, but not in types: Deno would look for them.
  for (const path of globSync("dist/**/*.d.ts"))
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(/((?:from|import\() ?")(\.[^"]*)\.tsx?"/g, '$1$2.js"'));
}

/** Without what is only for working on it. */
function packages({ exports, ...manifest }) {
  for (const field of ["scripts", "devDependencies", "allowScripts", "overrides"]) delete manifest[field];
  const compiled = Object.entries(exports).map(([name, source]) => {
    const path = `./dist/${source.slice(2).replace(/\.tsx?$/, "")}`;
    return [name, { types: `${path}.d.ts`, default: `${path}.js` }];
  });
  return { ...manifest, exports: Object.fromEntries([...compiled, ["./package.json", "./package.json"]]) };
}
