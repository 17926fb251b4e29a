/**
 * The editor of the notes: CodeMirror, bound to a text of the room's document. Loaded when the notes are first opened, so that
 * the table itself does not wait for it; nothing else of the page may import it but by `import()`.
 */
import { standardKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { UndoManager, type Doc, type Text, type YTextEvent } from "yjs";
import type { PuzzleRoom } from "../board/people.ts";
import { cursors } from "./cursors.ts";
import { look } from "./look.ts";

/** Which text of the document. */
const TEXT = "notes";

/** What can be undone outlives the editor, which goes whenever the drawer is closed. */
const undoable = new WeakMap<Doc, UndoManager>();

export interface NotesEditor {
  destroy(): void;
}

export function createEditor(parent: HTMLElement, { doc, awareness }: Pick<PuzzleRoom, "doc" | "awareness">): NotesEditor {
  const text = doc.getText(TEXT);
  const undoManager = undoable.get(doc) ?? new UndoManager(text);
  undoable.set(doc, undoManager);
  text.observe(standIn); // before the binding observes it
  const view = new EditorView({
    parent,
    doc: shownOf(text),
    extensions: [
      // Otherwise "\r\n", which other editors may write, would be one character here and two in the document.
      EditorState.lineSeparator.of("\n"),
      EditorView.clipboardInputFilter.of((pasted) => pasted.replaceAll(/\r\n?/g, "\n")),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        "aria-label": "Notes of this table",
        "aria-describedby": "notes-keys",
        "data-testid": "notes",
        spellcheck: "true",
        autocorrect: "on",
        autocapitalize: "sentences",
      }),
      placeholder("Who takes the sky? Anything written here is seen by everyone at the table."),
      highlightSpecialChars(),
      // Tab is not bound: it leaves the editor, as it does any other field.
      keymap.of([...yUndoManagerKeymap, ...standardKeymap]),
      yCollab(text, null, { undoManager }), // the carets are ours: names that change are shown, and colours are checked
      cursors(text, awareness),
      look,
    ],
  });
  return {
    destroy() {
      view.destroy();
      text.unobserve(standIn);
    },
  };
}

/**
 * Another client can put what is no text into a text: one place there, and the binding knows of none here; given such a thing,
 * CodeMirror never returns. A character of one place stands for it.
 */
const OBJECT = "\uFFFC";
const shown = (insert: unknown): string => (typeof insert === "string" ? insert : OBJECT);

const shownOf = (text: Text): string => (text.toDelta() as { insert: unknown }[]).map(({ insert }) => shown(insert)).join("");

/** An event has one delta, which all who observe the text are given, in the order in which they came. */
function standIn({ delta }: YTextEvent): void {
  for (const change of delta) if (change.insert !== undefined) change.insert = shown(change.insert);
}
