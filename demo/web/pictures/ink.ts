/** What the pictures are drawn with. */

export type Ink = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Draws into a space `height` 1000 and `width` by the picture's shape; the canvas may have any number of pixels. */
export type Paint = (ink: Ink, width: number, height: number, seed: number) => void;

export const hsl = (hue: number, saturation: number, light: number, alpha = 1): string =>
  `hsl(${hue.toFixed(1)} ${saturation.toFixed(1)}% ${light.toFixed(1)}% / ${alpha.toFixed(3)})`;

/** From top to bottom, evenly spaced unless told where. */
export function sky(
  ink: Ink,
  width: number,
  top: number,
  bottom: number,
  stops: readonly (readonly [at: number, colour: string])[],
): void {
  const fill = ink.createLinearGradient(0, top, 0, bottom);
  for (const [at, colour] of stops) fill.addColorStop(at, colour);
  ink.fillStyle = fill;
  ink.fillRect(0, top, width, bottom - top);
}

export function glow(ink: Ink, x: number, y: number, radius: number, inner: string, outer: string): void {
  const fill = ink.createRadialGradient(x, y, 0, x, y, radius);
  fill.addColorStop(0, inner);
  fill.addColorStop(1, outer);
  ink.fillStyle = fill;
  ink.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

export function dot(ink: Ink, x: number, y: number, radius: number): void {
  ink.beginPath();
  ink.arc(x, y, radius, 0, Math.PI * 2);
  ink.fill();
}
