/** What scrolls within the page. */

/** Bring a step into sight within its list, with its neighbours; the page itself stays where it is. */
export function bringIntoSight(step: HTMLElement | null): void {
  const list = step?.parentElement;
  if (!step || !list) return;
  const [first, last] = [step.previousElementSibling ?? step, step.nextElementSibling ?? step];
  const over = list.getBoundingClientRect().top - first.getBoundingClientRect().top;
  const under = last.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
  if (over > 0) list.scrollTop -= over;
  else if (under > 0) list.scrollTop += under;
}
