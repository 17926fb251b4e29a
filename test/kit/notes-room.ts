/** A room with a document beside the board game, and one with a document alone. */
import { defineRoom } from "coterie";
import { board } from "./board-game.ts";

export const notesRoom = defineRoom({ name: "notes", document: true });
export const tableRoom = defineRoom({ name: "table", game: board, document: true });
