/** The worker: each room is an object of its own, and who opens the page is a guest. */
import { createWorker, durableRoom } from "coterie/server";
import { hallRoom } from "./rooms.ts";

export class Hall extends durableRoom(hallRoom) {}

export default createWorker({ rooms: { hall: Hall }, auth: { guests: true } });
