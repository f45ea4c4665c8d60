/** What the page says, from the service's catalogue (`web/texts/*.yaml`), in the page's language. */

type Catalogue = Readonly<Record<string, string>>;

declare global {
  // Set by the built script texts.LANGUAGE.js, which every page loads first.
  var kringTexts: Catalogue | undefined;
}

/** A text with its {values} filled in. A name that is not there stands for itself. */
export function say(name: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = globalThis.kringTexts?.[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/** "id" or "en". */
export function language(): "id" | "en" {
  return document.documentElement.lang === "en" ? "en" : "id";
}
