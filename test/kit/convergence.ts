/** [P4] Whether a page has what its room has: of a game all that is everybody's or its user's, of a document every byte. */
import type { AnyRoom } from "coterie";
import type { Doc } from "yjs";
import type { Room } from "../../server/room/room.ts";
import { canonicalDoc, difference, isWhole, load } from "./documents.ts";

/** As much of the SDK's room as can differ. */
interface Shown {
  readonly self: { readonly id: number } | null;
  readonly confirmed?: State;
  readonly doc?: Doc;
}
type Cells = Readonly<Record<string, unknown>>;
type State = Readonly<Record<string, Cells | Iterable<Cells>>>;

/** What differs, a line each; empty: nothing does. To be asked at rest. */
export function differences(definition: AnyRoom, room: Room, page: Shown): string[] {
  return [
    ...(page.confirmed ? inGame(definition, room.game.view() as State, page.confirmed, page.self?.id ?? 0) : []),
    ...(page.doc ? inDocument(load(room.document.read("update", undefined)!.content as Uint8Array), page.doc) : []),
  ];
}

function inGame(definition: AnyRoom, there: State, here: State, me: number): string[] {
  return Object.entries(definition.game!["~rules"].state).flatMap(([name, { owner }]) => {
    const mine = (row: Cells): boolean => owner === undefined || row[owner] === me;
    const [shown, held] = [cells(here[name]!, () => true), cells(there[name]!, mine)];
    return [...new Set([...held.keys(), ...shown.keys()])]
      .filter((id) => shown.get(id) !== held.get(id))
      .map((id) => `${name} ${id} is ${shown.get(id) ?? "not there"}, in the room ${held.get(id) ?? "not there"}`);
  });
}

/** Row id → what is in it, in one order of columns; a value is row 0. */
function cells(table: Cells | Iterable<Cells>, which: (row: Cells) => boolean): Map<number, string> {
  const rows = Symbol.iterator in table ? [...table].filter(which) : [{ ...table, id: 0 }];
  return new Map(
    rows.map(({ id, ...row }) => [
      Number(id),
      JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))),
    ]),
  );
}

function inDocument(there: Doc, here: Doc): string[] {
  if (!isWhole(here)) return ["the document rests on what is not there"];
  return canonicalDoc(here) === canonicalDoc(there) ? [] : [`the document differs: ${difference(here, there)}`];
}
