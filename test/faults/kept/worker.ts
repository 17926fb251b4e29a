/** The worker of the ledgers. */
import { createWorker, durableRoom } from "coterie/server";
import { ledgerRoom } from "./rooms.ts";

export class Ledger extends durableRoom(ledgerRoom) {}

export default createWorker({ rooms: { ledger: Ledger } });
