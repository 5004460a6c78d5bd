/** Getting plans: from a job of the service, or from a plan.json. */

import { follow, get, post, dismiss, Refused } from "./api";
import { say } from "./dom";
import { loadedOf, set, state, type Loaded, type Progress } from "./state";
import type { Board, Job, Plan, Request, SiteShapes } from "./types";

let watching: AbortController | null = null;

/** The finished plan of a job with its shapes and a board's figures. */
export async function fetchPlan(job: Job): Promise<Loaded> {
  const at = `/jobs/${job.jobID}/results`;
  const plan = await get<Plan>(`${at}?f=json`);
  if (plan.status.holds !== "plan") return loadedOf(plan, job, null, null);
  const [shapes, board, order] = await Promise.all([
    get<SiteShapes>(`${at}?f=geojson`).catch(() => null),
    get<Board>(`${at}?f=board`).catch(() => null),
    vendorOrder(job.jobID).catch(() => []),
  ]);
  return loadedOf(plan, job, shapes, board, order);
}

interface Block { id?: string; use?: string; vendor?: string }

/** Vendors as the request's blocks name them first; a block that it only mentions is the catalogue's. */
async function vendorOrder(id: string): Promise<string[]> {
  const { blocks } = await get<{ blocks?: Block[] }>(`/jobs/${id}/request`);
  if (!blocks) return [];
  const shipped = blocks.some((b) => !b.vendor) ? (await get<{ blocks: Block[] }>("/catalogue")).blocks : [];
  return [...new Set(blocks.map((b) => b.vendor ?? shipped.find((s) => s.id === b.use)?.vendor ?? ""))].filter(Boolean);
}

/** Show a plan; the slider goes to its end. */
export function showPlan(loaded: Loaded, period?: number): void {
  const last = Math.max(0, loaded.plan.totals.length - 1);
  const site = loaded.plan.sites.some((s) => s.id === state.site) ? state.site : null;
  const at = Math.trunc(period ?? last);   // a link may name any number, or none
  set({ loaded, failure: null, period: at >= 0 && at <= last ? at : last, site, tab: "overview" });
  document.title = `${loaded.plan.name} · Gigasite`;
}

/** Show a job: its plan when it has one, else its news until it ends. */
export async function openJob(id: string, period?: number): Promise<void> {
  const job = await get<Job>(`/jobs/${id}`);
  const request = await get<Request>(`/jobs/${id}/request`).catch(() => null);
  if (request) set({ request, edited: false });
  await follows(job, period);
}

/** Watch a job until it ends, or show what it has; what was watched before is let go. */
async function follows(job: Job, period?: number): Promise<void> {
  if (job.status === "accepted" || job.status === "running") return watch(job);
  watching?.abort();
  await finish(job, period);
}

/** Send a request and watch it. */
export async function solve(request: Request): Promise<void> {
  set({ failure: null });
  try {
    const job = await post<Job>("/plans", request);
    set({ request, edited: false });
    await follows(job);
  } catch (error) {
    fail(error, "The request was refused");
  }
}

async function watch(job: Job): Promise<void> {
  watching?.abort();
  const mine = (watching = new AbortController());
  set({ solving: { job, progress: [], phase: job.message ?? "waiting", stopping: false }, failure: null, tab: "overview" });
  say(`Planning ${job.name ?? ""} has begun.`);
  location.hash = `plan=${job.jobID}`;
  try {
    await follow(job.jobID, (news) => {
      const now = state.solving;
      if (mine.signal.aborted || !now || now.job.jobID !== job.jobID) return;
      const last = now.progress.at(-1);
      const { data } = news;
      const found = data.objective ?? data.incumbent;
      if (news.kind === "incumbent" || news.kind === "bound") {
        const point: Progress = { seconds: data.elapsed_s ?? (last?.seconds ?? 0) + 1, incumbent: found ?? last?.incumbent ?? null, bound: data.bound ?? last?.bound ?? null };
        set({ solving: { ...now, progress: [...now.progress, point] } });
        if (now.job.objective_unit === undefined) void named(job.jobID);
      } else if (news.kind === "phase" || news.kind === "status") {
        set({ solving: { ...now, phase: data.message ?? data.status ?? now.phase } });
      }
    }, mine.signal);
    if (!mine.signal.aborted) await finish(await get<Job>(`/jobs/${job.jobID}`));
  } catch (error) {
    fail(error, "The plan cannot be followed");
  } finally {
    if (watching === mine) set({ solving: null });
  }
}

/** The objective's name and unit are known once the request has been read. */
async function named(id: string): Promise<void> {
  const job = await get<Job>(`/jobs/${id}`).catch(() => null);
  if (job && state.solving?.job.jobID === id) set({ solving: { ...state.solving, job } });
}

async function finish(job: Job, period?: number): Promise<void> {
  if (job.holds === undefined) {
    set({ solving: null });
    const title = job.status === "dismissed" ? "Stopped before there was a plan" : "The job failed";
    const error = job.error ?? { message: job.message ?? "no more is known", faults: [] };
    return fail(new Refused(0, error.message, error.faults), title);
  }
  const loaded = await fetchPlan(job);
  set({ solving: null });
  location.hash = `plan=${job.jobID}`;
  showPlan(loaded, period);
  say(loaded.plan.status.holds === "plan" ? `The plan ${loaded.plan.name} is there.` : "The search ended without a plan.");
}

/** Ask the search to stop; its best plan comes. */
export async function stopSolving(): Promise<void> {
  const now = state.solving;
  if (!now) return;
  set({ solving: { ...now, stopping: true, phase: "stopping, the best plan comes" } });
  try {
    await dismiss(now.job.jobID);
  } catch (error) {
    fail(error, "The search could not be stopped");
  }
}

/** Tell what went wrong, everything at once. */
export function fail(error: unknown, title: string): void {
  const refused = error instanceof Refused ? error : new Refused(0, error instanceof Error ? error.message : String(error), []);
  set({ failure: { title, detail: refused.message, faults: refused.faults } });
  say(`${title}: ${refused.message}`);
}
