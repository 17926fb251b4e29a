/**
 * Before the tests of the package: a new app outside the repository, made and installed as a user's, and the packed `coterie` with
 * it. Only the tools, which it shares with the repository, are the repository's own.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The app's folder. */
    app: string;
  }
}

const ROOT = join(import.meta.dirname, "../..");
const TOOLS = ["@cloudflare/workers-types", "typescript", "vite", "wrangler"];
/** What else users have beside it: its optional peers, and an editor that brings yjs as a peer too. */
const BESIDE = ["@types/react", "react", "y-codemirror.next"];

interface Manifest {
  name: string;
  version: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

export default function setup(project: TestProject): () => void {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "coterie-package-")));
  const app = join(scratch, "my-app");
  process.env["PATH"] = join(ROOT, "node_modules/.bin") + delimiter + process.env["PATH"];
  execFileSync("npm", ["run", "--silent", "create", "--", app], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });

  const { devDependencies: ours } = readManifest(ROOT);
  const manifest = readManifest(app);
  for (const tool of TOOLS) delete manifest.devDependencies[tool];
  for (const name of BESIDE) manifest.dependencies[name] = ours[name]!;
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest));
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: app,
    stdio: ["ignore", "ignore", "inherit"],
  });
  mkdirSync(join(app, "node_modules/@cloudflare"), { recursive: true });
  for (const tool of TOOLS) symlinkSync(join(ROOT, "node_modules", tool), join(app, "node_modules", tool));

  cpSync(join(import.meta.dirname, "visitors"), join(app, "visitors"), { recursive: true });
  cpSync(join(ROOT, "test/types/public-api.ts"), join(app, "visitors/public-api.ts"));
  project.provide("app", app);
  return () => rmSync(scratch, { recursive: true });
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
