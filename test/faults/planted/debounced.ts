/** The mistake: rows are gathered and written now and then, as servers for documents often do. */
import { writeRowsLate } from "./late-rows.ts";

const EVERY_MS = 200;

writeRowsLate((write) => void setTimeout(write, EVERY_MS));

export * from "../worker.ts";
export { default } from "../worker.ts";
