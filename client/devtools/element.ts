/** Elements in one line each. Never by HTML in a string: pages with a strict policy show it too. */

type Child = Node | string;

/** `attributes`: `false` leaves one out, `true` is the empty one. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  set(made, attributes);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function drawing<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  made.append(...children);
  return made;
}

function set(on: Element, attributes: Readonly<Record<string, string | number | boolean>>): void {
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) on.setAttribute(name, value === true ? "" : String(value));
}

/** Writes only what is new: a reader of the page is not told of the same twice. */
export function say(on: Element, text: string): void {
  if (on.textContent !== text) on.textContent = text;
}
