/** The way to an object by its binding; where that is missing, what to write into wrangler.toml. */
import { namespaceOf, type Hint } from "./place.ts";

export interface Bound {
  readonly binding: string;
  /** For people: "the rooms of puzzle". */
  readonly what: string;
  readonly className: string;
}

/** The binding of a party that says nothing else: its name in upper case, `-` as `_`. */
export const bindingOf = (party: string): string => party.toUpperCase().replaceAll("-", "_");

/** The object of this name; text: it is not bound, and what to do. `hint` counts where this makes the object, and never again. */
export function reach(
  env: Readonly<Record<string, unknown>>,
  { binding, what, className }: Bound,
  jurisdiction: string | undefined,
  name: string,
  hint?: Hint,
): object | string {
  const bound = env[binding];
  if (typeof bound === "object" && bound !== null)
    return namespaceOf(bound, jurisdiction).getByName(name, hint && { locationHint: hint });
  return `No Durable Object is bound as ${binding} for ${what}. Add this to wrangler.toml, with the name under which your worker exports the class:

[[durable_objects.bindings]]
name = "${binding}"
class_name = "${className}"

[[migrations]]
tag = "add-${binding.toLowerCase().replaceAll("_", "-")}"
new_sqlite_classes = ["${className}"]
`;
}
