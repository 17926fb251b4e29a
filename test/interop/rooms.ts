/** The parties of worker.ts. */
import type { RoomBinding } from "../faults/workerd.ts";
import { notesRoom } from "../kit/notes-room.ts";

export type Party = "notes" | "brisk";
export const briskRoom = { ...notesRoom, name: "brisk" as const };
export const NAMESPACES: readonly RoomBinding[] = [
  { binding: "NOTES", className: "Notes", folder: "notes" },
  { binding: "BRISK", className: "Brisk", folder: "brisk" },
];
