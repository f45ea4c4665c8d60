/**
 * Tabs as the ARIA practices describe them. Markup:
 * `<div class="tabs" role="tablist"><button class="tab" role="tab" id="x" aria-controls="x-panel" aria-selected="true">`
 * and for each `<div id="x-panel" role="tabpanel" aria-labelledby="x">`. Works for pieces that arrive later.
 */

/** Listen to all tabs of the page. */
export function setUpTabs(): void {
  document.addEventListener("click", (event) => {
    const tab = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=tab]") : null;
    if (tab !== null) select(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=tab]") : null;
    if (tab === null) return;
    const all = siblings(tab);
    const here = all.indexOf(tab);
    const goal = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: all.length - 1 }[event.key];
    const next = goal === undefined ? undefined : all[(goal + all.length) % all.length];
    if (next === undefined) return;
    event.preventDefault();
    select(next);
    next.focus();
  });
}

/** Show a tab's panel, hide those of its neighbours. */
export function select(tab: HTMLElement): void {
  for (const other of siblings(tab)) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
    if (panel !== null) panel.hidden = !chosen;
  }
}

function siblings(tab: HTMLElement): HTMLElement[] {
  return [...(tab.closest("[role=tablist]")?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])];
}
