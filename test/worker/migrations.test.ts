/** Rooms that an older version of the code has stored: they are brought forward, once, with everything in them. */
import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { writeSections } from "../../server/storage/pieces.ts";
import { join } from "../../shared/bytes.ts";
import { SqliteStore } from "../../server/storage/sqlite-store.ts";
import { env } from "./harness.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 251);

test("a room of the first schema opens with its snapshot, whatever its length, and its rows", () =>
  runInDurableObject(env.BOARD.getByName("of-the-first-schema"), (_instance, { storage }) => {
    const sections = new Map([
      [1, bytes(40)],
      [2, bytes(2_300_000)],
    ]);
    const whole = writeSections(sections);
    storage.sql.exec(`CREATE TABLE birth (id INTEGER PRIMARY KEY, json TEXT NOT NULL, params BLOB NOT NULL);
      CREATE TABLE snapshot (chunk INTEGER PRIMARY KEY, seq INTEGER NOT NULL, bytes BLOB NOT NULL);
      CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, bytes BLOB NOT NULL);`);
    const birth = { format: 1, room: "board", gameVersion: 1, seed: 7, createdAt: 5 };
    storage.sql.exec("INSERT INTO birth VALUES (1, ?, ?)", JSON.stringify(birth), bytes(2));
    for (let chunk = 0; chunk * 1_000_000 < whole.length; chunk++)
      storage.sql.exec(
        "INSERT INTO snapshot VALUES (?, 40, ?)",
        chunk,
        whole.subarray(chunk * 1_000_000, (chunk + 1) * 1_000_000),
      );
    storage.sql.exec("INSERT INTO journal VALUES (41, 9, ?)", bytes(12));
    storage.kv.put("schema", 1);

    for (const store of [new SqliteStore(storage), new SqliteStore(storage)]) {
      expect(store.birth()).toEqual({ ...birth, format: 2, params: bytes(2) });
      expect(store.snapshot()).toBe(40);
      for (const [section, expected] of sections) {
        const found = join(store.section(40, section));
        expect([found.length, found.every((byte, at) => byte === expected[at])]).toEqual([expected.length, true]);
      }
      expect([...store.rows(40)]).toEqual([{ seq: 41, at: 9, bytes: bytes(12) }]);
    }
  }));
