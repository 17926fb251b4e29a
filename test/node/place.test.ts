/**
 * Where a room is: the choice is a pure function. That the edge asks for what was chosen is seen by a namespace that records its
 * calls, since workerd on one machine has neither regions nor jurisdictions.
 */
import { expect, test } from "vitest";
import { defineRoom } from "coterie";
import { routes } from "../../server/edge/routes.ts";
import { checkPlacement, hintOf, jurisdictionOf, type Placement } from "../../server/edge/place.ts";
import type { RoomClass } from "../../server/room/room-object.ts";
import type { AnyRoom } from "../../shared/room/define-room.ts";

const placement: Placement = { jurisdiction: { puzzle: "eu", "notes:gov": "fedramp", "notes:gov:open": "us" } };

test("a jurisdiction follows from the party and the id, by whole segments, the longest rule first", () => {
  const of = (party: string, room: string) => jurisdictionOf(placement, party, room);
  expect([of("puzzle", "castle"), of("puzzle", "gov:castle")]).toEqual(["eu", "eu"]);
  expect([of("notes", "gov:a"), of("notes", "gov"), of("notes", "gov:open:a")]).toEqual(["fedramp", "fedramp", "us"]);
  expect([of("notes", "government"), of("notes", "a:gov"), of("constructor", "a"), of("eu", "puzzle")]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(jurisdictionOf({}, "puzzle", "castle")).toBeUndefined();
});

test("a rule for a party that there is not, or for no id that can be, is refused at the start", () => {
  const check = (rule: string) => () => checkPlacement({ jurisdiction: { [rule]: "eu" } }, ["puzzle"]);
  expect(check("puzzle")).not.toThrow();
  expect(check("puzzle:eu:acme")).not.toThrow();
  for (const rule of ["jigsaw", "puzzle:", "puzzle:*", ""])
    expect(check(rule)).toThrow(`placement.jurisdiction ${JSON.stringify(rule)}: expected a party (puzzle)`);
});

/** A request of a visitor there. */
const from = (cf: object | undefined, query = ""): Request =>
  Object.assign(new Request(`http://localhost/parties/puzzle/castle${query}`), { cf });

test("the region is the first visitor's, by continent and side; or the one that is asked for", () => {
  const regions = {
    enam: { continent: "NA", longitude: "-74" },
    wnam: { continent: "NA", longitude: "-122.4" },
    weur: { continent: "EU", longitude: "2.35" },
    eeur: { continent: "EU", longitude: "21.0" },
    sam: { continent: "SA", longitude: "-46" },
    apac: { continent: "AS", country: "JP" },
    oc: { continent: "OC" },
    afr: { continent: "AF", country: "KE" },
    me: { continent: "AS", country: "AE" },
  } as const;
  for (const [region, cf] of Object.entries(regions)) expect([region, hintOf(from(cf))]).toEqual([region, region]);
  expect(hintOf(from({ continent: "AF", country: "EG" }))).toBe("me");
  expect(hintOf(from({ continent: "AN" }))).toBeUndefined();
  expect(hintOf(from(undefined))).toBeUndefined();
  expect(hintOf(from(regions.oc, "?region=sam"))).toBe("sam");
  expect(hintOf(from(regions.oc, "?region=moon"))).toBe("oc");
});

/** A namespace that says what it was asked for, and has rooms that answer anything. */
function recorder() {
  const calls: string[] = [];
  const under = (jurisdiction: string): object => ({
    jurisdiction: (name: string) => under(name),
    getByName(name: string, options?: { locationHint: string }) {
      calls.push([jurisdiction, name, options?.locationHint ?? "-"].join(" "));
      return {
        coterie: () => Promise.resolve({ kind: "created", created: true }),
        fetch: () => Promise.resolve(new Response("joined")),
      };
    },
  });
  return { calls, namespace: under("-") };
}

test("the edge asks for a room under its jurisdiction, near who comes: by socket, by HTTP and by the lobby", async () => {
  const { calls, namespace } = recorder();
  const room = { definition: defineRoom({ name: "puzzle", document: true }), binding: "PUZZLE", capacity: 4 };
  const serve = routes({
    rooms: { puzzle: room as unknown as RoomClass<AnyRoom> },
    guests: true,
    origins: [],
    lobby: { puzzle: true },
    placement: { jurisdiction: { "puzzle:berlin": "eu" } },
  });
  const env = { ENV: "dev", DEV_SECRET: "x".repeat(32), PUZZLE: namespace, LOBBY: namespace };
  const pass = await serve(new Request("http://localhost/auth/guest", { method: "POST", body: "{}" }), env);
  const { token } = (await pass.json()) as { token: string };
  const ask = async (
    path: string,
    init: { method?: string; body?: string; headers?: Record<string, string> } = {},
    cf: object = { continent: "OC" },
  ): Promise<string> => {
    calls.length = 0;
    const request = new Request(`http://localhost${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
    await serve(Object.assign(request, { cf }), env);
    return calls.join(", ").replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}/g, "<id>");
  };
  const upgrade = { headers: { upgrade: "websocket" } };
  expect(await ask("/parties/puzzle/castle", upgrade)).toBe("- castle oc");
  expect(await ask("/parties/puzzle/berlin:castle", upgrade)).toBe("eu berlin:castle oc");
  expect(await ask("/parties/puzzle/castle?region=sam", upgrade)).toBe("- castle sam");
  expect(await ask("/parties/puzzle/castle", upgrade, {})).toBe("- castle -");
  expect(await ask("/parties/puzzle/berlin:castle")).toBe("eu berlin:castle oc");
  expect(await ask("/lobby/puzzle", { method: "POST", body: "{}" })).toContain("- <id> oc");
  expect(await ask("/lobby/puzzle")).toBe("- puzzle oc");
});
