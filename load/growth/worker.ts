/** Tables of any length, as an app would deploy them. */
import { createWorker, durableRoom } from "coterie/server";
import { fieldRoom } from "./field.ts";

export class Field extends durableRoom(fieldRoom) {}

export default createWorker({ rooms: { field: Field } });
