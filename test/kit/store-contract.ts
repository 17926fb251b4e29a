/** What every store promises (server/storage/store.ts), to be run on each. */
import { expect, test } from "vitest";
import type { Birth, Piece, Store } from "../../server/storage/store.ts";
import { MAX_ROW_BYTES } from "../../shared/protocol/limits.ts";

const birth: Birth = {
  format: 1,
  room: "board",
  gameVersion: 3,
  params: Uint8Array.of(1, 2),
  seed: 77,
  createdAt: 1_770_000_000_000,
};
const bytes = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);

/** All pieces of a snapshot or a draft. */
export function piecesOf(store: Store, cut: number): Piece[] {
  const pieces: Piece[] = [];
  for (let piece = store.piece(cut, 0); piece; piece = store.piece(cut, pieces.length)) pieces.push(piece);
  return pieces;
}

const piece = (length: number, section = 1): Piece => ({ section, bytes: bytes(length) });

/** `use` runs its argument with a new, empty store, and the same one opened again. */
export function storeContract(name: string, use: (run: (store: Store, reopen: () => Store) => void) => Promise<void>): void {
  test(`${name}: an empty store holds no room`, () =>
    use((store) => {
      expect([store.birth(), store.snapshot(), [...store.rows(0)], store.oldest(), [...store.sizes()]]).toEqual([
        undefined,
        undefined,
        [],
        0,
        [],
      ]);
      expect([store.agenda().size, piecesOf(store, 0), [...store.section(0, 1)], store.versions()]).toEqual([0, [], [], []]);
    }));

  test(`${name}: what was written is read back, also by a store opened later`, () =>
    use((store, reopen) => {
      store.create(birth, [piece(3), piece(4, 2), piece(5)]);
      store.append({ seq: 1, at: 1000, bytes: bytes(2, 1) });
      store.append({ seq: 2, at: 2000, bytes: bytes(3, 2) });
      store.keepAgenda(new Map([["leave:1", 5000]]));
      for (const each of [store, reopen()]) {
        expect(each.birth()).toEqual(birth);
        expect(each.snapshot()).toBe(0);
        expect(piecesOf(each, 0)).toEqual([piece(3), piece(4, 2), piece(5)]);
        expect(piecesOf(each, 0).slice(2)).toEqual([piece(5)]);
        expect([...each.section(0, 1)]).toEqual([bytes(3), bytes(5)]);
        expect([each.row(1)?.at, each.row(3)]).toEqual([1000, undefined]);
        expect([...each.rows(1)]).toEqual([{ seq: 2, at: 2000, bytes: bytes(3, 2) }]);
        expect([...each.sizes()]).toEqual([
          { seq: 2, at: 2000, length: 3 },
          { seq: 1, at: 1000, length: 2 },
        ]);
        expect(each.oldest()).toBe(0);
        expect([...each.agenda()]).toEqual([["leave:1", 5000]]);
      }
      store.keepAgenda(new Map());
      expect(reopen().agenda().size).toBe(0);
    }));

  test(`${name}: a room that is carried over goes on from the new snapshot, under the new birth`, () =>
    use((store, reopen) => {
      store.create(birth, [piece(3), piece(4, 2)]);
      for (const seq of [1, 2]) store.append({ seq, at: 1, bytes: bytes(MAX_ROW_BYTES + 5, seq) });
      const reborn = { ...birth, gameVersion: 4, params: bytes(7) };
      store.carryOver(reborn, 3, [piece(9), piece(8, 2)]);
      store.append({ seq: 4, at: 2, bytes: bytes(1) });
      for (const each of [store, reopen()]) {
        expect([each.birth(), each.snapshot(), each.oldest()]).toEqual([reborn, 3, 3]);
        expect([piecesOf(each, 3), [...each.rows(0)].map(({ seq }) => seq)]).toEqual([[piece(9), piece(8, 2)], [4]]);
      }
      while (store.sweep(0, 1));
      expect(piecesOf(store, 0)).toEqual([]);
    }));

  test(`${name}: a row of any length is whole when it is read, and its length is known`, () =>
    use((store, reopen) => {
      store.create(birth, [piece(3)]);
      const lengths = [MAX_ROW_BYTES - 1, MAX_ROW_BYTES, MAX_ROW_BYTES + 1, MAX_ROW_BYTES * 2 + 17, 0];
      for (const [index, length] of lengths.entries())
        store.append({ seq: index + 1, at: 1, bytes: Uint8Array.from({ length }, (_, at) => at % 251) });
      const again = reopen();
      expect([...again.rows(0)].map((row) => row.bytes.length)).toEqual(lengths);
      expect([...again.rows(0)].every((row) => row.bytes.every((byte, at) => byte === at % 251))).toBe(true);
      expect([...again.sizes()].map(({ length }) => length)).toEqual(lengths.toReversed());
      while (again.sweep(5, 1));
      expect([...again.rows(0)]).toEqual([]);
      again.append({ seq: 6, at: 1, bytes: bytes(MAX_ROW_BYTES) }); // nothing of the old ones is left to be put behind it
      expect([...again.rows(0)].map((row) => row.bytes.length)).toEqual([MAX_ROW_BYTES]);
    }));

  test(`${name}: a draft is nobody's until it is adopted, and then the one before is`, () =>
    use((store, reopen) => {
      store.create(birth, [piece(3)]);
      store.append({ seq: 1, at: 1, bytes: bytes(1) });
      store.draft(1, 0, piece(8));
      store.draft(1, 1, piece(9, 2));
      expect([reopen().snapshot(), piecesOf(store, 0)]).toEqual([0, [piece(3)]]);
      expect(piecesOf(store, 1)).toEqual([piece(8), piece(9, 2)]);
      store.adopt(1);
      expect([reopen().snapshot(), [...reopen().section(1, 2)]]).toEqual([1, [bytes(9)]]);
      expect(store.sweep(0, 100)).toBe(false);
      expect([piecesOf(store, 0), piecesOf(store, 1)]).toEqual([[], [piece(8), piece(9, 2)]]);
    }));

  test(`${name}: sweeping removes a few at a time, oldest first, never what counts, and says whether there is more`, () =>
    use((store) => {
      store.create(birth, [piece(3)]);
      for (let seq = 1; seq <= 5; seq++) store.append({ seq, at: seq, bytes: bytes(1) });
      for (let number = 0; number < 3; number++) store.draft(4, number, piece(2));
      expect(store.sweep(3, 2)).toBe(true);
      expect([[...store.rows(0)].map(({ seq }) => seq), store.oldest()]).toEqual([[3, 4, 5], 2]);
      expect(store.sweep(3, 2)).toBe(false);
      expect([[...store.rows(0)].map(({ seq }) => seq), store.oldest()]).toEqual([[4, 5], 3]);
      expect([piecesOf(store, 0), piecesOf(store, 4)]).toEqual([[piece(3)], []]);
    }));

  test(`${name}: a piece that is too long, or a row of a seq that is taken, is refused and changes nothing`, () =>
    use((store) => {
      store.create(birth, [piece(3)]);
      store.append({ seq: 1, at: 1, bytes: bytes(1) });
      expect(() => store.draft(1, 0, piece(MAX_ROW_BYTES + 1))).toThrow("expected at most 1000000");
      expect(() => store.append({ seq: 1, at: 2, bytes: bytes(2) })).toThrow();
      expect(() => store.append({ seq: 1, at: 2, bytes: bytes(MAX_ROW_BYTES * 2) })).toThrow();
      expect([...store.rows(0)]).toEqual([{ seq: 1, at: 1, bytes: bytes(1) }]);
    }));

  test(`${name}: versions are kept in order, whatever their length, until they are dropped`, () =>
    use((store, reopen) => {
      store.create(birth, [piece(3)]);
      const long = Uint8Array.from({ length: MAX_ROW_BYTES + 5 }, (_, at) => at % 251);
      store.keepVersion({ seq: 3, at: 10, name: "first", by: "ann" }, long);
      store.keepVersion({ seq: 4, at: 20, name: null, by: "" }, bytes(2));
      const again = reopen();
      expect(again.versions()).toEqual([
        { id: 1, seq: 3, at: 10, name: "first", by: "ann", bytes: long.length },
        { id: 2, seq: 4, at: 20, name: null, by: "", bytes: 2 },
      ]);
      expect(again.version(1).every((byte, at) => byte === at % 251)).toBe(true);
      expect([again.version(1).length, again.version(2), again.version(9).length]).toEqual([long.length, bytes(2), 0]);
      again.dropVersion(1);
      expect([again.versions().map(({ id }) => id), again.version(1).length]).toEqual([[2], 0]);
      expect(again.keepVersion({ seq: 5, at: 30, name: null, by: "" }, bytes(1)).id).toBe(3);
      again.dropVersion(3);
      expect(again.keepVersion({ seq: 5, at: 30, name: null, by: "" }, bytes(1)).id).toBe(4); // 3 stays gone
    }));

  test(`${name}: what is buried is gone but for its tombstone, until a room is made anew`, () =>
    use((store, reopen) => {
      store.create(birth, [piece(3)]);
      store.append({ seq: 1, at: 1, bytes: bytes(MAX_ROW_BYTES + 1) });
      store.keepAgenda(new Map([["leave:1", 5]]));
      store.keepVersion({ seq: 1, at: 1, name: null, by: "" }, bytes(3));
      expect(store.tombstone()).toBeUndefined();
      store.bury(77);
      for (const each of [store, reopen()]) {
        expect([each.birth(), each.snapshot(), [...each.rows(0)], each.versions()]).toEqual([undefined, undefined, [], []]);
        expect([each.agenda().size, each.tombstone()]).toEqual([0, 77]);
      }
      const again = reopen();
      again.create({ ...birth, createdAt: 78 }, [piece(4)]);
      expect([again.tombstone(), piecesOf(again, 0), [...again.rows(0)], again.versions()]).toEqual([
        undefined,
        [piece(4)],
        [],
        [],
      ]);
    }));
}
