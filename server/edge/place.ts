/**
 * Where in the world a room is. Under which jurisdiction, its party and id say and nothing else: the same id under two of them
 * would be two rooms. In which region, the first who visits it says, and it stays there.
 */
export type Hint = DurableObjectLocationHint;
export type Jurisdiction = DurableObjectJurisdiction;

export interface Placement {
  /**
   * Party, or party and the first segments of a room's id ("puzzle", "puzzle:eu") → under whose law its rooms are stored. The
   * longest that fits counts. A room moves to another object, and is empty, when the rule for it is changed.
   */
  readonly jurisdiction?: Readonly<Record<string, Jurisdiction>>;
}

/** What the edge asks of a namespace of objects. */
export interface Namespace<S> {
  getByName(name: string, options?: { locationHint: Hint }): S;
  jurisdiction(name: string): Namespace<S>;
}

/** Checked when the worker starts: a rule that can match nothing is a mistake. */
export function checkPlacement({ jurisdiction = {} }: Placement, parties: readonly string[]): void {
  for (const rule of Object.keys(jurisdiction)) {
    const [party = "", ...segments] = rule.split(":");
    if (!parties.includes(party) || segments.some((segment) => !/^[A-Za-z0-9_-]{1,32}$/.test(segment)))
      throw new RangeError(
        `placement.jurisdiction ${JSON.stringify(rule)}: expected a party (${parties.join(", ")}), or one and the first segments of an id ("${parties[0]}:eu")`,
      );
  }
}

/** A pure function of the room's name: whole segments, the longest rule first. */
export function jurisdictionOf({ jurisdiction }: Placement, party: string, room: string): Jurisdiction | undefined {
  if (!jurisdiction) return undefined;
  const segments = [party, ...room.split(":")];
  for (let length = segments.length; length > 0; length--) {
    const rule = segments.slice(0, length).join(":");
    if (Object.hasOwn(jurisdiction, rule)) return jurisdiction[rule];
  }
  return undefined;
}

export const namespaceOf = (bound: unknown, jurisdiction: string | undefined): Namespace<never> => {
  const namespace = bound as Namespace<never>;
  return jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
};

const HINTS: ReadonlySet<string> = new Set<Hint>([
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
]);
export const isHint = (text: string): text is Hint => HINTS.has(text);

/** Countries of Asia, and one of Africa, that "me" is nearer to. */
const MIDDLE_EAST: ReadonlySet<string> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ "AE BH CY EG IL IQ IR JO KW LB OM PS QA SA SY TR YE".split(" "),
);
/** Between the two regions of North America, and of Europe, in degrees. */
const NORTH_AMERICA_EAST_OF = -100;
const EUROPE_EAST_OF = 15;

/** The region nearest to a visitor, by what the platform knows of the request; undefined: it says nothing. */
export function hintOf(request: Request): Hint | undefined {
  const asked = new URL(request.url).searchParams.get("region");
  if (asked !== null && isHint(asked)) return asked;
  const { continent, country, longitude } = (request.cf ?? {}) as { continent?: string; country?: string; longitude?: string };
  if (country !== undefined && MIDDLE_EAST.has(country)) return "me";
  const east = (of: number): boolean => Number(longitude ?? Number.NaN) > of;
  switch (continent) {
    case "NA":
      return longitude !== undefined && !east(NORTH_AMERICA_EAST_OF) ? "wnam" : "enam";
    case "EU":
      return east(EUROPE_EAST_OF) ? "eeur" : "weur";
    case "SA":
      return "sam";
    case "AS":
      return "apac";
    case "OC":
      return "oc";
    case "AF":
      return "afr";
    default:
      return undefined;
  }
}
