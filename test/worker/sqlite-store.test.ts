import { runInDurableObject } from "cloudflare:test";
import { SqliteStore } from "../../server/storage/sqlite-store.ts";
import { storeContract } from "../kit/store-contract.ts";
import { env } from "./harness.ts";

let rooms = 0;

storeContract("SQLite store", (run) =>
  runInDurableObject(env.BOARD.getByName(`store-${rooms++}`), (_instance, { storage }) => {
    run(new SqliteStore(storage), () => new SqliteStore(storage));
  }),
);
