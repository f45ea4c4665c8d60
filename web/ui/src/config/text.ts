/** Texts of tables, put together from what the page's inputs hold. Pure. */

/** A value of a YAML text: characters from `begins` to before `ends`, counted as the service counts them. */
export interface Place {
  readonly begins: number;
  readonly ends: number;
  readonly quoted: boolean;
  readonly value: string;
}

const PLAIN = /^[\p{L}\p{N}_./][\p{L}\p{N}_.\-/ ]*$/u;

/** A CSV as the service writes it: commas, quotation marks where a cell needs them, one line a row. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(cell).join(",") + "\n").join("");
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A YAML text with other values at some places; all else, comments too, stays as it is. */
export function withValues(text: string, places: readonly Place[]): string {
  const characters = [...text]; // by characters, not by UTF-16 halves
  const parts: string[] = [];
  let at = 0;
  for (const place of [...places].sort((one, other) => one.begins - other.begins)) {
    parts.push(characters.slice(at, place.begins).join(""), scalar(place));
    at = place.ends;
  }
  parts.push(characters.slice(at).join(""));
  return parts.join("");
}

function scalar(place: Place): string {
  const plain = !place.quoted && PLAIN.test(place.value) && place.value.trim() === place.value;
  return plain ? place.value : JSON.stringify(place.value);
}
