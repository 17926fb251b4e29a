/** What every store promises (server/storage/store.ts), to be run on each. */
import { expect, test } from "vitest";
import type { Birth, Store } from "../../server/storage/store.ts";
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

/** `use` runs its argument with a new, empty store, and the same one opened again. */
export function storeContract(name: string, use: (run: (store: Store, reopen: () => Store) => void) => Promise<void>): void {
  test(`${name}: an empty store holds no room`, () =>
    use((store) => {
      expect([store.birth(), store.snapshot(), [...store.rows(0)], store.oldest()]).toEqual([undefined, undefined, [], 0]);
    }));

  test(`${name}: what was written is read back, also by a store opened later`, () =>
    use((store, reopen) => {
      store.create(birth, { seq: 0, bytes: bytes(3) });
      store.append({ seq: 1, at: 1000, bytes: bytes(2, 1) });
      store.append({ seq: 2, at: 2000, bytes: bytes(2, 2) });
      for (const each of [store, reopen()]) {
        expect(each.birth()).toEqual(birth);
        expect(each.snapshot()).toEqual({ seq: 0, bytes: bytes(3) });
        expect([...each.rows(1)]).toEqual([{ seq: 2, at: 2000, bytes: bytes(2, 2) }]);
        expect(each.oldest()).toBe(0);
      }
    }));

  test(`${name}: a snapshot longer than a row may be is whole again when read`, () =>
    use((store, reopen) => {
      store.create(birth, { seq: 0, bytes: bytes(3) });
      const long = Uint8Array.from({ length: MAX_ROW_BYTES * 2 + 17 }, (_, index) => index % 251);
      store.append({ seq: 1, at: 1, bytes: bytes(1) });
      store.compact({ seq: 1, bytes: long }, 1);
      const read = reopen().snapshot()!;
      expect(read.seq).toBe(1);
      expect(read.bytes.length).toBe(long.length);
      expect(read.bytes.every((byte, index) => byte === index % 251)).toBe(true);
    }));

  test(`${name}: compacting drops the rows that were named and keeps the rest`, () =>
    use((store) => {
      store.create(birth, { seq: 0, bytes: bytes(3) });
      for (let seq = 1; seq <= 5; seq++) store.append({ seq, at: seq, bytes: bytes(1) });
      store.compact({ seq: 5, bytes: bytes(9) }, 3);
      expect([...store.rows(0)].map(({ seq }) => seq)).toEqual([4, 5]);
      expect(store.oldest()).toBe(3);
      store.compact({ seq: 5, bytes: bytes(9) }, 5);
      expect(store.oldest()).toBe(5);
    }));

  test(`${name}: a row that is too long, or of a seq that is taken, is refused and changes nothing`, () =>
    use((store) => {
      store.create(birth, { seq: 0, bytes: bytes(3) });
      store.append({ seq: 1, at: 1, bytes: bytes(1) });
      expect(() => store.append({ seq: 2, at: 2, bytes: bytes(MAX_ROW_BYTES + 1) })).toThrow("expected at most 1000000");
      expect(() => store.append({ seq: 1, at: 2, bytes: bytes(2) })).toThrow();
      expect([...store.rows(0)]).toEqual([{ seq: 1, at: 1, bytes: bytes(1) }]);
    }));
}
