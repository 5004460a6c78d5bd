/** Calls to the service: JSON, problems as errors, and server-sent events with a key in the header. */

import type { Fault, Job } from "./types";

/** A refusal with everything that is wrong (RFC 9457). */
export class Refused extends Error {
  constructor(readonly status: number, message: string, readonly faults: Fault[]) {
    super(message);
  }
}

const KEY = "gigasite-key";
let askKey: (() => Promise<string | null>) | null = null;

/** Who asks the user for a key when the service wants one. */
export function onKeyWanted(ask: () => Promise<string | null>): void {
  askKey = ask;
}

/** Whether plain links will do, which cannot carry a key. */
export function usesKey(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const headers = new Headers(init.headers);
    const key = sessionStorage.getItem(KEY);
    if (key) headers.set("Authorization", `Bearer ${key}`);
    let answer: Response;
    try {
      answer = await fetch(path, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new Refused(0, "The service does not answer. Is it still running?", []);
    }
    if (answer.status === 401 && askKey) {
      const given = await askKey();
      if (given) {
        sessionStorage.setItem(KEY, given);
        continue;
      }
    }
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }
}

async function refusal(answer: Response): Promise<Refused> {
  try {
    const problem = (await answer.json()) as { title?: string; detail?: string; faults?: Fault[] };
    return new Refused(answer.status, problem.detail ?? problem.title ?? answer.statusText, problem.faults ?? []);
  } catch {
    return new Refused(answer.status, `${answer.status} ${answer.statusText}`, []);
  }
}

export async function get<T>(path: string): Promise<T> {
  return (await (await call(path, { headers: { Accept: "application/json" } })).json()) as T;
}

export async function blob(path: string): Promise<Blob> {
  return (await call(path)).blob();
}

/** Post a document, or a text or file of another media type. */
export async function post<T>(path: string, body: unknown, type = "application/json"): Promise<T> {
  const text = typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body);
  const headers = { "Content-Type": type, Accept: "application/json" };
  return (await (await call(path, { method: "POST", body: text, headers })).json()) as T;
}

export async function dismiss(id: string): Promise<Job> {
  return (await (await call(`/jobs/${id}`, { method: "DELETE" })).json()) as Job;
}

export interface News {
  kind: string;
  data: { elapsed_s?: number; objective?: number; incumbent?: number; bound?: number; message?: string; status?: string; time?: string };
}

/** Everything that a job says until it ends. Resumes after a broken line. */
export async function follow(id: string, hear: (news: News) => void, signal: AbortSignal): Promise<void> {
  let last = 0;
  for (let tries = 0; tries < 8 && !signal.aborted; tries++) {
    try {
      const answer = await call(`/jobs/${id}/events?after=${last}`, { signal, headers: { Accept: "text/event-stream" } });
      for await (const event of events(answer)) {
        tries = 0;
        last = Math.max(last, event.id);
        hear({ kind: event.kind, data: JSON.parse(event.data) as News["data"] });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status >= 400 && error.status < 500) throw error;
    }
    const job = await get<Job>(`/jobs/${id}`).catch(() => null);
    if (job && !["accepted", "running"].includes(job.status)) return;
    await new Promise((done) => setTimeout(done, 500 * (tries + 1)));
  }
  if (!signal.aborted) throw new Refused(0, "No more news of it arrive. It may well go on: open it again from your latest plans.", []);
}

async function* events(answer: Response): AsyncGenerator<{ id: number; kind: string; data: string }> {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = new Map(text.slice(0, end).split("\n").map((row) => row.split(/: ?(.*)/s, 2) as [string, string]));
      text = text.slice(end + 2);
      const data = fields.get("data");
      if (data) yield { id: Number(fields.get("id") ?? 0), kind: fields.get("event") ?? "message", data };
    }
  }
}
