/** The editors of a table: rows of a CSV, values of a YAML, or the whole as a text. All of them send a text. */
import { csvText, withValues } from "./text";

const READ_AT_MOST = 600_000; // bytes; the service takes no more

function start(form: HTMLFormElement): void {
  const text = form.querySelector<HTMLTextAreaElement>("[data-config-text]");
  if (text === null) return;
  const mode = form.dataset["configForm"];
  if (mode === "rows") startRows(form, text);
  if (mode === "values") startValues(form, text);
  if (mode === "text") startFile(form, text);
}

function startRows(form: HTMLFormElement, text: HTMLTextAreaElement): void {
  const table = form.querySelector<HTMLTableElement>("[data-config-rows]");
  const body = table?.tBodies[0];
  const fresh = form.querySelector<HTMLTemplateElement>("[data-config-row]");
  if (table === null || body === undefined || fresh === null) return;
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])].slice(0, -1).map((one) => one.dataset["name"] ?? "");
  const gather = (): void => {
    const rows = [...body.rows].map((row) => [...row.querySelectorAll("input")].map((one) => one.value.trim()));
    text.value = csvText([headings, ...rows.filter((row) => row.some((value) => value !== ""))]);
  };
  form.addEventListener("submit", gather, { capture: true });
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.hasAttribute("data-config-remove")) {
      const row = button.closest("tr");
      const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector<HTMLElement>("button");
      row?.remove();
      (next ?? form.querySelector<HTMLElement>("[data-config-add]"))?.focus();
    }
    if (button?.hasAttribute("data-config-add")) {
      body.append(fresh.content.cloneNode(true));
      body.rows[body.rows.length - 1]?.querySelector("input")?.focus();
    }
  });
  const filter = form.querySelector<HTMLInputElement>("[data-config-filter]");
  filter?.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of body.rows) {
      const values = [...row.querySelectorAll("input")].map((one) => one.value.toLowerCase());
      row.hidden = wanted !== "" && !values.some((value) => value.includes(wanted));
    }
  });
  filter?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it narrows; it does not send
  });
}

function startValues(form: HTMLFormElement, text: HTMLTextAreaElement): void {
  const shipped = text.value;
  const inputs = [...form.querySelectorAll<HTMLInputElement>("input[data-begins]")];
  const gather = (): void => {
    const changed = inputs.filter((one) => one.value !== one.defaultValue);
    text.value = withValues(
      shipped,
      changed.map((one) => ({
        begins: Number(one.dataset["begins"]),
        ends: Number(one.dataset["ends"]),
        quoted: one.dataset["quoted"] !== undefined,
        value: one.value,
      })),
    );
  };
  form.addEventListener("submit", gather, { capture: true });
}

function startFile(form: HTMLFormElement, text: HTMLTextAreaElement): void {
  const file = form.querySelector<HTMLInputElement>("[data-config-file]");
  file?.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (chosen === undefined || chosen.size > READ_AT_MOST) return;
    void chosen.text().then((content) => {
      text.value = content;
      text.focus();
    });
  });
}

for (const form of document.querySelectorAll<HTMLFormElement>("[data-config-form]")) start(form);
