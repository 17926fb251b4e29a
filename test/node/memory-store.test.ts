import { MemoryStore } from "../../server/storage/memory-store.ts";
import { storeContract } from "../kit/store-contract.ts";

storeContract("memory store", async (run) => {
  const store = new MemoryStore();
  run(store, () => store.copy());
});
