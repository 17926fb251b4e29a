/**
 * The public types as text: which names each export has, and every declaration that a user meets by them, those too that only
 * other types name. It reads the package's own `.d.ts`, whose statements each begin at the edge of a line.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** One `.d.ts` file. A name may have several declarations: overloads, or a type beside a value. */
interface Module {
  readonly declared: Map<string, string[]>;
  /** Name here → where it is from. */
  readonly imported: Map<string, Origin>;
  /** Public name → where it is from. */
  readonly exported: Map<string, Origin>;
}

interface Origin {
  readonly file: string;
  readonly name: string;
}

/** Runs in tests alone: in no bundle, and with types that reach into the inside of a room, which is nobody's promise. */
export const TESTING = "coterie/testing";

/** `folder`: where the package is. */
export function publicApi(folder: string): string {
  const modules = new Map<string, Module>();
  const moduleAt = (file: string): Module => {
    const module = modules.get(file) ?? readModule(file);
    modules.set(file, module);
    return module;
  };
  /** Where a name is declared; undefined: in no file of the package. */
  const find = ({ file, name }: Origin): Origin | undefined => {
    const { declared, imported, exported } = moduleAt(file);
    if (declared.has(name)) return { file, name };
    const from = exported.get(name) ?? imported.get(name);
    return from && find(from);
  };

  const shown = new Map<string, Map<string, string[]>>();
  /** Shows a declaration, and what it names in turn as far as that lies in this folder. */
  const show = (origin: Origin, within: string): void => {
    const texts = moduleAt(origin.file).declared.get(origin.name)!;
    const path = relative(join(folder, "dist"), origin.file).replace(/\.d\.ts$/, "");
    const names = shown.get(path) ?? new Map<string, string[]>();
    shown.set(path, names);
    if (names.has(origin.name)) return;
    names.set(origin.name, texts);
    // Every word but the names of members.
    for (const [word] of texts.join("\n").matchAll(/(?<![\w$.])[\w$]+(?![\w$]|\??:|\(|<[^<>]*>\()/g)) {
      const named = find({ file: origin.file, name: word });
      if (named?.file.startsWith(within)) show(named, within);
    }
  };

  const entries = Object.entries(Object.groupBy(Object.entries(exportsOf(folder)), ([, file]) => file)).map(([file, same]) => {
    const entry = same!.map(([name]) => name).join(" = ");
    const { declared, exported } = moduleAt(file);
    const own = [...declared].filter(([, texts]) => texts[0]!.startsWith("export ")).map(([name]) => name);
    const names = [...own, ...exported.keys()].toSorted();
    for (const name of names) {
      const origin = find({ file, name });
      if (!origin) throw new Error(`${entry}: ${name} is declared nowhere`);
      show(origin, entry === TESTING ? dirname(file) : folder);
    }
    return `${entry}\n${names.map((name) => `  ${name}\n`).join("")}`;
  });
  const files = sorted(shown).map(
    ([path, names]) =>
      `## ${path}\n\n${sorted(names)
        .flatMap(([, texts]) => texts)
        .join("\n")}\n`,
  );
  return [...entries, ...files].join("\n");
}

/** Export → its `.d.ts`. */
export function exportsOf(folder: string): Record<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    exports: Record<string, string | { types: string }>;
  };
  return Object.fromEntries(
    Object.entries(exports).flatMap(([path, target]) =>
      typeof target === "string" ? [] : [[join(name, path), join(folder, target.types)]],
    ),
  );
}

function readModule(file: string): Module {
  const module: Module = { declared: new Map(), imported: new Map(), exported: new Map() };
  const text = readFileSync(file, "utf8").replaceAll(/\/\*[^]*?\*\/|^\/\/.*$/gm, "");
  for (const statement of text.split(/^(?=import |export |declare |interface |type )/m)) {
    const kept = statement.replaceAll(/\s*\n(\s*\n)*/g, "\n").trim();
    if (/^import .*from "[^.]/s.test(kept)) continue; // another package's
    const named = /^(import|export) (?:type )?\{(.*)\}(?: from "(.*)")?;$/s.exec(kept);
    const name = /^(?:export )?(?:declare )?(?:abstract )?(?:const|function|class|interface|type|namespace) ([\w$]+)/.exec(
      kept,
    )?.[1];
    if (named) {
      const [, kind, names, from] = named;
      const target = from === undefined ? file : join(dirname(file), from.replace(/\.js$/, ".d.ts"));
      for (const each of names!.split(",").filter((each) => each.trim() !== "")) {
        const [inner, outer = inner] = each
          .trim()
          .replace(/^type /, "")
          .split(" as ") as [string, string?];
        module[kind === "import" ? "imported" : "exported"].set(outer, { file: target, name: inner });
      }
    } else if (name !== undefined) module.declared.set(name, [...(module.declared.get(name) ?? []), kept]);
    else if (kept !== "") throw new Error(`${file}: a statement of an unknown kind: ${kept}`);
  }
  return module;
}

const sorted = <V>(map: ReadonlyMap<string, V>): [string, V][] => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
