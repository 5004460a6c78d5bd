/** Form fields made from the service's JSON Schema: labels, limits and help are the schema's own words. */

import { el } from "./dom";

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  anyOf?: Schema[];
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  pattern?: string;
}

type Change = (value: unknown) => void;
let count = 0;

/** The part of a schema that a reference or an alternative with null stands for. */
export function resolve(schema: Schema, root: Schema): Schema {
  let found = schema;
  for (;;) {
    if (found.$ref) {
      const named = root.$defs?.[found.$ref.split("/").at(-1) ?? ""] ?? {};
      found = { ...named, ...(found.description ? { description: found.description } : {}) };
      continue;
    }
    const options = found.anyOf?.map((o) => resolve(o, root)).filter((o) => o.type !== "null" && o.description !== "the same as text");
    if (options?.length !== 1) return options ? { ...found, anyOf: options } : found;
    const { anyOf: _, ...outer } = found;
    found = { ...options[0]!, ...outer };
  }
}

function isSchedule(schema: Schema): boolean {
  const kinds = schema.anyOf?.flatMap((o) => o.anyOf ?? [o]).map((o) => o.type) ?? [];
  return kinds.includes("array") && (kinds.includes("number") || kinds.includes("integer"));
}

/** A labelled field, or a group of them; null where the schema's part has no simple form. */
export function field(name: string, of: Schema, root: Schema, value: unknown, change: Change, pointer: string): HTMLElement | null {
  const schema = resolve(of, root);
  if (schema.const !== undefined) return null;
  if (isSchedule(schema)) return schedule(name, schema, value, change, pointer);
  if (schema.properties) return group(name, schema, root, value, change, pointer);
  const id = `f${++count}`;
  const input = control(id, schema, root, value, change);
  if (!input) return null;
  input.dataset["pointer"] = pointer;
  return el("div", { class: "field" }, el("label", { for: id }, title(name)), input, help(id, schema, input));
}

function group(name: string, schema: Schema, root: Schema, value: unknown, change: Change, pointer: string): HTMLElement {
  const now = { ...((value ?? {}) as Record<string, unknown>) };
  const put = (key: string) => (v: unknown): void => {
    if (v === undefined) delete now[key];
    else now[key] = v;
    change({ ...now });
  };
  const fields = Object.entries(schema.properties ?? {}).map(([key, part]) => field(key, part, root, now[key], put(key), `${pointer}/${key}`));
  return el("fieldset", {}, name ? el("legend", {}, title(name)) : null, ...fields);
}

function control(id: string, schema: Schema, root: Schema, value: unknown, change: Change): HTMLElement | null {
  if (schema.enum) {
    const pick = el("select", { id, onchange: () => change(pick.value === "" ? undefined : pick.value) },
      el("option", { value: "" }, schema.default != null ? `default: ${String(schema.default)}` : "–"),
      ...schema.enum.map((v) => el("option", { value: String(v), selected: v === value }, String(v).replaceAll("_", " "))));
    return pick;
  }
  if (schema.type === "boolean") {
    const tick = el("input", { id, type: "checkbox", checked: (value ?? schema.default) === true, onchange: () => change(tick.checked) });
    return tick;
  }
  if (schema.type === "number" || schema.type === "integer") {
    const box = el("input", {
      id, type: "number", step: schema.type === "integer" ? 1 : "any", min: schema.minimum ?? null, max: schema.maximum ?? null,
      value: value as number | undefined, placeholder: schema.default != null ? String(schema.default) : "",
      onchange: () => change(box.value === "" ? undefined : Number(box.value)),
    });
    return box;
  }
  if (schema.type === "string") {
    const box = el("input", { id, type: "text", value: value as string | undefined, placeholder: schema.pattern?.startsWith("^\\d{4}") ? "YYYY-MM" : "", onchange: () => change(box.value === "" ? undefined : box.value) });
    return box;
  }
  const choices = schema.type === "array" && schema.items ? resolve(schema.items, root).enum : undefined;
  if (choices) {
    const picked = new Set((value ?? schema.default ?? []) as unknown[]);
    return el("span", { id, role: "group", class: "ticks" }, ...choices.map((c) => {
      const tick = el("input", { type: "checkbox", checked: picked.has(c), onchange: () => { if (tick.checked) picked.add(c); else picked.delete(c); change(choices.filter((x) => picked.has(x))); } });
      return el("label", {}, tick, ` ${String(c)}`);
    }));
  }
  return null;
}

/** One value for all time, or steps from month to month. */
function schedule(name: string, schema: Schema, value: unknown, change: Change, pointer: string): HTMLElement {
  const id = `f${++count}`;
  const steps: { from: string; value: number }[] = Array.isArray(value) ? structuredClone(value) : [{ from: "", value: value as number }];
  const box = el("div", { class: "field schedule", role: "group", "aria-labelledby": id, "data-pointer": pointer });
  const tell = (): void => {
    const kept = steps.filter((s) => Number.isFinite(s.value));
    const only = kept[0];
    change(kept.length === 0 ? undefined : kept.length === 1 && only && only.from === "" ? only.value : kept);
  };
  const show = (): void => {
    box.replaceChildren(
      el("span", { id, class: "label" }, title(name)),
      ...steps.map((s, i) => {
        const from = el("input", { type: "text", placeholder: steps.length === 1 ? "always" : "YYYY-MM", value: s.from, size: 8, "aria-label": `${title(name)}: from month`, onchange: () => { s.from = from.value.trim(); tell(); } });
        const amount = el("input", { type: "number", step: "any", value: Number.isFinite(s.value) ? s.value : null, "aria-label": `${title(name)}: value`, onchange: () => { s.value = amount.value === "" ? NaN : Number(amount.value); tell(); } });
        return el("span", { class: "step" }, from, amount, el("button", { type: "button", "aria-label": "Remove this step", onclick: () => { steps.splice(i, 1); if (steps.length === 0) steps.push({ from: "", value: NaN }); show(); tell(); } }, "×"));
      }),
      el("button", { type: "button", class: "link", onclick: () => { steps.push({ from: "", value: steps.at(-1)?.value ?? NaN }); show(); } }, "+ step"),
      help(id, schema, null) ?? "");
  };
  show();
  return box;
}

function title(name: string): string {
  const words = name.replaceAll("_", " ").replace(/ musd\b/, " (million USD)").replace(/\bmw\b/, "MW").replace(/\bpue\b/, "PUE").replace(/ s$/, " (seconds)").replace(/ mb$/, " (MB)");
  return (words[0]?.toUpperCase() ?? "") + words.slice(1);
}

function help(id: string, schema: Schema, input: HTMLElement | null): HTMLElement | null {
  if (!schema.description) return null;
  input?.setAttribute("aria-describedby", `${id}-h`);
  return el("small", { id: `${id}-h` }, schema.description);
}
