/** The same, deployed anew with the rules of the next version. */
import { createWorker, durableRoom } from "coterie/server";
import { laterRoom } from "./rooms.ts";

export class Ledger extends durableRoom(laterRoom) {}

export default createWorker({ rooms: { ledger: Ledger } });
