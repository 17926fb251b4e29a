/** The room of a document alone, nothing played in it: any Yjs client can use it, at /parties/document/<id>. */
import { defineRoom } from "coterie";

export const documentRoom = defineRoom({ name: "document", document: true });
