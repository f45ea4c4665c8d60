/**
 * Timers that count by themselves: `<time class="timer" data-seconds="42">` counts up from 42 s,
 * with `data-towards="0"` down to nothing. The page's own monotonic clock counts, so a wrong clock on the
 * agent's machine changes nothing.
 */
const begun = new WeakMap<HTMLElement, { given: string; at: number }>();

/** Seconds as m.ss or h.mm.ss: 4:05, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Let a timer count from so many seconds, even if it began with as many before. */
export function countFrom(timer: HTMLElement, seconds: number): void {
  timer.dataset["seconds"] = seconds.toFixed(1);
  begun.delete(timer);
}

/** Let all timers of the page run, those that arrive later too. */
export function setUpTimers(): void {
  setInterval(showTimers, 500);
  showTimers();
}

/** Show the timers as they are now. */
export function showTimers(): void {
  const now = performance.now();
  for (const timer of document.querySelectorAll<HTMLElement>(".timer[data-seconds]")) {
    const given = timer.dataset["seconds"] ?? "0";
    let start = begun.get(timer);
    if (start?.given !== given) {
      start = { given, at: now };
      begun.set(timer, start);
    }
    const passed = (now - start.at) / 1000;
    const down = timer.dataset["towards"] !== undefined;
    const text = clock(down ? Math.ceil(Number(given) - passed) : Number(given) + passed);
    if (timer.textContent !== text) timer.textContent = text;
  }
}
