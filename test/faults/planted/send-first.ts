/** The mistake: it tells everyone first, and writes when that is done, in the next event. */
import { writeRowsLate } from "./late-rows.ts";

writeRowsLate((write) => void setTimeout(write, 0));

export * from "../worker.ts";
export { default } from "../worker.ts";
