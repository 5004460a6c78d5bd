/** The address says what is shown, so that a link shows it again: #plan=ID&t=5&by=vendor&site=ID&with=ID&tab=board. */

import { compareWith } from "./compare";
import { fail, openJob } from "./load";
import { listen, set, state } from "./state";

export async function startShare(): Promise<void> {
  await read();
  addEventListener("hashchange", () => void read());
  listen(["loaded", "period", "by", "site", "other", "tab"], write);
}

async function read(): Promise<void> {
  const words = new URLSearchParams(location.hash.slice(1));
  const id = words.get("plan");
  if (!id || id === state.loaded?.job?.jobID || id === state.solving?.job.jobID) return;
  try {
    await openJob(id, words.has("t") ? Number(words.get("t")) : undefined);
    const other = words.get("with");
    if (other) await compareWith(other);
    set({ by: words.get("by") ?? state.by, site: words.get("site"), tab: words.get("tab") ?? "overview" });
  } catch (error) {
    fail(error, "The plan of this link cannot be shown");
  }
}

function write(): void {
  const { loaded, other, period, by, site, tab } = state;
  if (!loaded?.job || state.solving) return;
  const words = new URLSearchParams({ plan: loaded.job.jobID });
  if (period < loaded.plan.totals.length - 1) words.set("t", String(period));
  if (by !== "vendor") words.set("by", by);
  if (site) words.set("site", site);
  if (other?.job) words.set("with", other.job.jobID);
  if (tab !== "overview") words.set("tab", tab);
  history.replaceState(null, "", `#${words}`);
}
