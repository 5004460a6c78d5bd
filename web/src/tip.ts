/** The small panel beside the pointer: what a site is, and why it is not more. */

import { byId, el } from "./dom";
import { siteOf, state, statusOf } from "./state";
import { number, STATUS, vendorName } from "./words";

let last: string | null = null;

export function tip(id: string | null, x: number, y: number): void {
  const box = byId("tip");
  const site = siteOf(id);
  if (!site) {
    box.hidden = true;
    last = null;
    return;
  }
  const key = `${site.id}/${state.period}`;
  if (key !== last) {
    last = key;
    const now = site.periods[state.period];
    const mix = Object.entries(now?.it_mw_by_vendor ?? {}).filter(([, mw]) => mw > 0);
    box.replaceChildren(
      el("strong", {}, site.name || site.id),
      el("span", {}, STATUS[statusOf(site)] ?? "", now && !now.open && site.opening_month ? `, opens ${site.opening_month}` : ""),
      now?.open
        ? el("span", {}, `${number(now.facility_mw)} of ${number(now.grid_mw)} MW at the meter · ${number(now.it_mw)} MW IT`)
        : el("span", {}, `grid ${number(now?.grid_mw ?? site.grid_mw)} MW`),
      mix.length > 0 ? el("span", {}, mix.map(([v, mw]) => `${vendorName(v)} ${number(mw)} MW`).join(" · ")) : "",
      site.why ? el("em", {}, site.why) : "",
    );
  }
  box.hidden = false;
  const stage = byId("stage").getBoundingClientRect();
  const right = x > stage.width - 300;
  box.style.left = `${right ? x - box.offsetWidth - 14 : x + 14}px`;
  box.style.top = `${Math.min(y + 14, stage.height - box.offsetHeight - 8)}px`;
}
