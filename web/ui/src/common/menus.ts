/**
 * Menus: `<details data-menu><summary>…</summary>…</details>`. One is open at a time; Escape, a press elsewhere and
 * leaving it by keyboard close it. Opening and closing by Enter and Space is the browser's own.
 */

/** Listen to the menus of the page. */
export function setUpMenus(): void {
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target instanceof Element ? event.target.closest("details[data-menu][open]") : null;
    if (menu === null) return;
    event.preventDefault();
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
  });
}

function closeOthers(target: EventTarget | null): void {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!(target instanceof Node && menu.contains(target))) menu.removeAttribute("open");
  }
}
