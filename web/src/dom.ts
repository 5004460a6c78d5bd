/** A few helpers for making elements: text is always text, never markup. */

type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((event: Event) => void);
export type Attributes = Record<string, Value>;

function dress(node: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
}

/** An HTML element; attributes that begin with `on` are listeners. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  dress(node, attributes, children);
  return node;
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  dress(node, attributes, children);
  return node;
}

/** The element with this id, which the page has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Tell screen readers. */
export function say(words: string): void {
  byId("said").textContent = words;
}

/** A table with a heading row; cells that are numbers stand right. */
export function table(heads: string[], rows: (string | number | Node)[][], caption?: string): HTMLTableElement {
  const numeric = heads.map((_, i) => rows.length > 0 && rows.every((r) => typeof r[i] === "number" || isFigure(r[i])));
  const short = rows.every((r) => typeof r[0] === "string" && r[0].length < 10);
  const cell = (value: string | number | Node, i: number): HTMLElement =>
    el(i === 0 ? "th" : "td", { class: numeric[i] ? "n" : i === 0 && short ? "w" : null, scope: i === 0 ? "row" : null },
      typeof value === "number" ? String(value) : value);
  return el("table", {},
    caption ? el("caption", {}, caption) : null,
    el("thead", {}, el("tr", {}, ...heads.map((h, i) => el("th", { scope: "col", class: numeric[i] ? "n" : null }, h)))),
    el("tbody", {}, ...rows.map((r) => el("tr", {}, ...r.map(cell)))));
}

function isFigure(value: unknown): boolean {
  return typeof value === "string" && (value === "–" || /^[+−-]?[$\d.,\s%]+( ?(bn|m|k|M|T))?$/.test(value));
}
