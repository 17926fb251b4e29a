/**
 * Where the others are in the notes: a caret with a name, and what they have selected. Drawn in layers above and below the
 * text, never in it, so that nobody's caret moves a word or breaks what an input method is composing.
 */
import { EditorSelection, StateEffect, type Extension } from "@codemirror/state";
import { EditorView, layer, RectangleMarker, ViewPlugin, type LayerMarker } from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { readSignature, type Writer } from "./signature.ts";

/** Somebody else's caret moved, or its name or colour changed. */
const othersMoved = StateEffect.define();

/** The name turns to the other side of the caret where it would stick out of the editor; as wide as a long name, in px. */
const NAME_ROOM = 150;

export function cursors(text: Y.Text, awareness: Awareness): Extension {
  const others = (view: EditorView): Pointing[] => pointings(view, text, awareness);
  const update = ({ docChanged, transactions }: Parameters<Parameters<typeof layer>[0]["update"]>[0]): boolean =>
    docChanged || transactions.some(({ effects }) => effects.some((effect) => effect.is(othersMoved)));
  return [
    layer({
      above: false,
      class: "notes-washes",
      update,
      markers: (view) =>
        others(view).flatMap(({ anchor, head, writer }) =>
          anchor === head
            ? []
            : RectangleMarker.forRange(view, "", EditorSelection.range(anchor, head)).map((piece) => new Wash(piece, writer)),
        ),
    }),
    layer({
      above: true,
      class: "notes-carets",
      update,
      markers: (view) =>
        others(view).flatMap(({ client, head, writer }) =>
          RectangleMarker.forRange(view, "", EditorSelection.cursor(head)).map(
            (place) => new Caret(client, place, writer, place.left > view.contentDOM.clientWidth - NAME_ROOM),
          ),
        ),
    }),
    ViewPlugin.define((view) => {
      const changed = (clients: Record<"added" | "updated" | "removed", number[]>): void => {
        const all = [...clients.added, ...clients.updated, ...clients.removed];
        if (all.some((client) => client !== awareness.clientID)) view.dispatch({ effects: othersMoved.of(null) });
      };
      awareness.on("change", changed);
      return { destroy: () => awareness.off("change", changed) };
    }),
    EditorView.updateListener.of(({ view, docChanged, selectionSet, focusChanged }) => {
      if ((docChanged || selectionSet || focusChanged) && view.hasFocus) point(view, text, awareness);
    }),
  ];
}

// ---- one's own

/** Says where the caret is, as a place in the text that moves with it: said again only when it is another place. */
function point(view: EditorView, text: Y.Text, awareness: Awareness): void {
  const { anchor, head } = view.state.selection.main;
  const before: unknown = awareness.getLocalState()?.["cursor"];
  const cursor = {
    anchor: Y.createRelativePositionFromTypeIndex(text, anchor),
    head: Y.createRelativePositionFromTypeIndex(text, head),
  };
  if (JSON.stringify(before) !== JSON.stringify(cursor)) awareness.setLocalStateField("cursor", cursor);
}

// ---- the others'

interface Pointing {
  readonly client: number;
  readonly anchor: number;
  readonly head: number;
  readonly writer: Writer;
}

function pointings(view: EditorView, text: Y.Text, awareness: Awareness): Pointing[] {
  const found: Pointing[] = [];
  for (const [client, state] of awareness.getStates()) {
    const cursor: unknown = state["cursor"];
    if (client === awareness.clientID || typeof cursor !== "object" || cursor === null) continue;
    if (!("anchor" in cursor && "head" in cursor)) continue;
    const [anchor, head] = [placeOf(cursor.anchor, text), placeOf(cursor.head, text)];
    if (anchor === undefined || head === undefined) continue;
    const { length } = view.state.doc;
    const writer = readSignature(client, state);
    found.push({ client, anchor: Math.min(anchor, length), head: Math.min(head, length), writer });
  }
  // In the same order each time: what is drawn already is then moved, and not drawn anew.
  return found.sort((a, b) => a.client - b.client);
}

/** The index that a relative position stands for; undefined when it is nowhere in this text, or no position at all. */
function placeOf(json: unknown, text: Y.Text): number | undefined {
  if (!text.doc || typeof json !== "object" || json === null) return undefined;
  try {
    const position = Y.createRelativePositionFromJSON(json);
    // Looking up another name would make a type of that name in everyone's document.
    const named: unknown = position.tname === null ? text : text.doc.share.get(position.tname);
    if (named !== text) return undefined;
    const place = Y.createAbsolutePositionFromRelativePosition(position, text.doc);
    const within: unknown = place?.type;
    return within === text ? place?.index : undefined;
  } catch {
    return undefined; // another client's nonsense must not break this page
  }
}

/** Selected text of somebody else. */
class Wash implements LayerMarker {
  readonly #piece: RectangleMarker;
  readonly #writer: Writer;

  constructor(piece: RectangleMarker, writer: Writer) {
    this.#piece = piece;
    this.#writer = writer;
  }

  eq(other: Wash): boolean {
    return this.#piece.eq(other.#piece) && this.#writer.deep === other.#writer.deep;
  }

  draw(): HTMLElement {
    const element = this.#piece.draw();
    element.style.setProperty("--vivid", this.#writer.vivid);
    return element;
  }
}

/** A caret of somebody else, with the name. */
class Caret implements LayerMarker {
  readonly #client: number;
  readonly #place: RectangleMarker;
  readonly #writer: Writer;
  readonly #turned: boolean;

  constructor(client: number, place: RectangleMarker, writer: Writer, turned: boolean) {
    this.#client = client;
    this.#place = place;
    this.#writer = writer;
    this.#turned = turned;
  }

  eq(other: Caret): boolean {
    const [mine, its] = [this.#writer, other.#writer];
    return (
      this.#client === other.#client &&
      this.#place.eq(other.#place) &&
      this.#turned === other.#turned &&
      mine.name === its.name &&
      mine.deep === its.deep
    );
  }

  draw(): HTMLElement {
    const caret = document.createElement("div");
    caret.className = "notes-caret";
    caret.append(document.createElement("span"));
    this.#put(caret);
    return caret;
  }

  update(caret: HTMLElement, before: Caret): boolean {
    if (before.#client !== this.#client) return false;
    this.#put(caret);
    // It moved: the name, which fades at rest, is shown again.
    for (const fading of caret.getAnimations({ subtree: true })) {
      fading.cancel();
      fading.play();
    }
    return true;
  }

  #put(caret: HTMLElement): void {
    const { left, top, height } = this.#place;
    caret.style.cssText = `left: ${left - 1}px; top: ${top}px; height: ${height}px`;
    caret.style.setProperty("--vivid", this.#writer.vivid);
    caret.style.setProperty("--deep", this.#writer.deep);
    caret.dataset["turned"] = String(this.#turned);
    caret.firstElementChild!.textContent = this.#writer.name;
  }
}
