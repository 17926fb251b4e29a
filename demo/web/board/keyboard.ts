/** The table by keyboard: Tab walks the clusters as one reads them, Enter lifts and drops, arrows move. */

export interface Walkable {
  /** The clusters in reading order. */
  walk(): readonly number[];
  readonly focus: number | undefined;
  focusOn(group: number | undefined): void;
  readonly holding: boolean;
  lift(group: number): void;
  nudge(dx: number, dy: number): void;
  drop(): void;
  putBack(): void;
  zoom(factor: number): void;
  fit(): void;
  help(): void;
}

/** How far an arrow moves a cluster, in units: less than what snaps; with Shift a whole piece. */
const STEP = 20;
const STRIDE = 100;
const ZOOM = 1.25;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Handles one key; true when it meant something here. */
export function press(event: KeyboardEvent, table: Walkable): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const arrow = ARROWS[event.key];
  if (arrow) {
    const by = event.shiftKey ? STRIDE : STEP;
    if (table.holding) table.nudge(arrow[0] * by, arrow[1] * by);
    else step(table, arrow[0] + arrow[1] > 0 ? 1 : -1);
    return true;
  }
  switch (event.key) {
    case "Tab":
      // Walks on while there is somewhere to walk; at either end Tab leaves the table, so nobody is caught in it.
      return !table.holding && step(table, event.shiftKey ? -1 : 1);
    case "Enter":
    case " ":
      if (table.holding) table.drop();
      else if (table.focus !== undefined) table.lift(table.focus);
      return true;
    case "Escape":
      if (table.holding) table.putBack();
      else table.focusOn(undefined);
      return true;
    case "+":
    case "=":
      table.zoom(ZOOM);
      return true;
    case "-":
      table.zoom(1 / ZOOM);
      return true;
    case "0":
      table.fit();
      return true;
    case "?":
      table.help();
      return true;
    default:
      return false;
  }
}

function step(table: Walkable, by: 1 | -1): boolean {
  const order = table.walk();
  const at = table.focus === undefined ? -1 : order.indexOf(table.focus);
  const next = at === -1 ? (by === 1 ? 0 : order.length - 1) : at + by;
  table.focusOn(order[next]);
  return order[next] !== undefined;
}
