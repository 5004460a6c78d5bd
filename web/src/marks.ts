/** Draws a mark: a disc in one colour with a letter, or a pie whose parts differ by pattern as well. */

import type { Mark } from "./colours";

export const RADIUS = 30;
const SIZE = 64;

/** The image of a mark, twice as fine as it is shown. */
export function draw(mark: Mark, edge: string, scale = 2): ImageData {
  const side = SIZE * scale;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  pen.scale(scale, scale);
  const middle = SIZE / 2;
  let from = -Math.PI / 2;
  for (const [colour, eighths, hatching] of mark.parts) {
    const to = from + (eighths / 8) * 2 * Math.PI;
    pen.beginPath();
    if (eighths < 8) pen.moveTo(middle, middle);
    pen.arc(middle, middle, RADIUS, from, to);
    pen.closePath();
    pen.fillStyle = colour;
    pen.fill();
    if (hatching > 0) hatch(pen, hatching);
    pen.strokeStyle = edge;
    pen.lineWidth = 2.5;
    pen.stroke();
    from = to;
  }
  if (mark.letter) {
    pen.font = "600 26px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = isLight(mark.parts[0]?.[0] ?? "#000000") ? "#10202c" : "#ffffff";
    pen.fillText(mark.letter, middle, middle + 1);
  }
  return pen.getImageData(0, 0, side, side);
}

/** Lines over the second and later parts, in another direction for each. */
function hatch(pen: CanvasRenderingContext2D, kind: number): void {
  pen.save();
  pen.clip();
  pen.translate(SIZE / 2, SIZE / 2);
  pen.rotate((kind * Math.PI) / 4);
  pen.strokeStyle = "rgba(255, 255, 255, 0.55)";
  pen.lineWidth = 2;
  for (let x = -SIZE; x <= SIZE; x += 8) {
    pen.beginPath();
    pen.moveTo(x, -SIZE);
    pen.lineTo(x, SIZE);
    pen.stroke();
  }
  pen.restore();
}

function isLight(hex: string): boolean {
  const n = parseInt(hex.slice(1), 16);
  return 0.299 * (n >> 16) + 0.587 * ((n >> 8) & 255) + 0.114 * (n & 255) > 150;
}

/** The mark as a small canvas for legends. */
export function swatch(mark: Mark, edge: string): HTMLCanvasElement {
  const image = draw(mark, edge, 1);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  canvas.className = "swatch";
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}
