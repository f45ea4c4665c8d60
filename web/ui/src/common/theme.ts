/** Light, dark, or as the machine is set ("auto"); kept in this browser. */
export type Theme = "auto" | "light" | "dark";

const KEPT = "kring-theme";
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

/** The theme that was chosen in this browser. */
export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto"; // a browser that keeps nothing
  }
}

/** Show a theme; `css/tokens.css` does the rest. */
export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Let the buttons marked `data-theme-switch` go through the themes. */
export function setUpThemeSwitch(): void {
  const name = (): void => {
    const theme = chosenTheme();
    for (const label of document.querySelectorAll<HTMLElement>("[data-theme-switch] .theme-name")) {
      label.textContent = label.dataset[theme] ?? theme;
    }
  };
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest("[data-theme-switch]") === null) return;
    const theme = NEXT[chosenTheme()];
    try {
      localStorage.setItem(KEPT, theme);
    } catch {
      // The choice lasts as long as the page.
    }
    applyTheme(theme);
    name();
  });
  name();
}
