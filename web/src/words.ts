/** Numbers and codes as people read them. Money is million US dollars throughout. */

const plain = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const four = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const short = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

export function number(value: number, digits = 0): string {
  if (!Number.isFinite(value)) return "–";
  return digits === 0 ? plain.format(value) : tenth.format(value);
}

/** Three digits and a letter: 4.13 M. */
export function big(value: number): string {
  const size = Math.abs(value);
  for (const [limit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]] as const) {
    if (size >= limit) return `${short.format(value / (letter === "k" ? 1e3 : limit))} ${letter}`;
  }
  return size >= 100 ? plain.format(value) : short.format(value);
}

/** Million US dollars in, "$12.3 bn", "$350 M", "$1.50 M" out: as the report writes it. */
export function money(musd: number): string {
  const size = Math.abs(musd);
  if (size < 0.005) return "$0";
  const sign = musd < 0 ? "−$" : "$";
  if (size >= 999.5) return `${sign}${size >= 99_950 ? plain.format(size / 1000) : size >= 9_995 ? (size / 1000).toFixed(1) : exact.format(size / 1000)} bn`;
  return `${sign}${size >= 9.995 ? plain.format(size) : exact.format(size)} M`;
}

/** A figure of any size in at most five digits, of steps their first and last; whatever else as JSON. */
export function figure(value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && typeof value[0] === "object" && value[0] !== null && "value" in value[0]) {
    return [...new Set([value[0], value.at(-1)].map((step: { value?: unknown }) => figure(step.value)))].join(" to ");
  }
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  const size = Math.abs(value);
  return size >= 1000 ? plain.format(value) : size >= 100 ? tenth.format(value) : four.format(value);
}

/** Two amounts with their unit once: "$2.60–4.70 M". */
export function moneyRange(low: number, high: number): string {
  const [a, b] = [money(low), money(high)];
  if (a === b) return a;
  const [unitA, unitB] = [a.split(" ")[1], b.split(" ")[1]];
  return unitA === unitB && a.startsWith("$") ? `${a.split(" ")[0]}–${b.slice(1)}` : `${a} to ${b}`;
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u00a0%`;
}

/** A gap keeps enough digits to tell small ones apart. */
export function gapText(gap: number): string {
  return gap === 0 ? "0\u00a0%" : gap < 0.0001 ? "<\u00a00.01\u00a0%" : gap > 1 ? "over 100 %" : percent(gap, 2);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The first month of a period with its length: "Q2 2027", "Apr 2027", "2027". */
export function period(month: string, length: number): string {
  const [year, m] = month.split("-").map(Number) as [number, number];
  if (length === 3 && (m - 1) % 3 === 0) return `Q${(m + 2) / 3} ${year}`;
  if (length === 12 && m === 1) return String(year);
  return `${MONTHS[m - 1]} ${year}`;
}

export function monthNumber(month: string): number {
  const [year, m] = month.split("-").map(Number) as [number, number];
  return 12 * year + m - 1;
}

export function monthOf(count: number): string {
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`;
}

export const STOPPED: Record<string, string> = {
  optimal: "proven optimal",
  gap_reached: "proven within the gap asked for",
  time_limit: "stopped by the time limit",
  cancelled: "stopped by you",
  infeasible: "the limits contradict each other",
  error: "failed",
};

export const STATUS: Record<string, string> = {
  committed: "committed before the plan",
  opened: "opened by the plan",
  not_opened: "not opened",
  excluded: "excluded",
};

const NAMES: Record<string, string> = {
  nvidia: "NVIDIA", amd: "AMD", google: "Google", broadcom: "Broadcom", cerebras: "Cerebras", intel: "Intel",
  aws: "AWS", amazon: "Amazon", microsoft: "Microsoft", oracle: "Oracle", groq: "Groq", qualcomm: "Qualcomm",
};

export function vendorName(id: string): string {
  return NAMES[id] ?? id;
}

export const LINES: Record<string, string> = {
  openings: "Openings", land: "Land", blocks: "Blocks", tariffs: "Tariffs", sales_tax: "Sales tax",
  construction: "Construction", unpaid: "Unpaid before", block_opex: "Block opex", site_opex: "Site opex",
  property_tax: "Property tax", energy: "Energy", serving: "Serving", lease: "Lease", repayments: "Repayments",
  penalties: "Penalties", revenue: "Revenue", offtake: "Offtake", resale: "Resale", equity: "Equity",
  warrants: "Warrants", loan_draws: "Loan draws",
};

export function line(name: string): string {
  return LINES[name] ?? name.replaceAll("_", " ");
}
