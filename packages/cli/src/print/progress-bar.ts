export interface ProgressBar {
  update(done: number, total: number | null): void;
  end(): void;
}

const WIDTH = 30;
const REDRAW_MS = 100;
/** Without a terminal, a line at most this often. */
const LINE_MS = 10_000;

/**
 * Shows progress on stderr: a bar on a terminal, now and then a line elsewhere. Nothing is shown before the first update. The time left
 * follows from what was done since then: what was there already, and what came before, took none of it.
 */
export function progressBar(title: string, unit: "bytes" | "items" = "bytes"): ProgressBar {
  const { stderr } = process;
  let first: { at: number; done: number } | null = null;
  let last = 0;
  let drawn = false;
  const amount = (value: number): string => (unit === "bytes" ? `${(value / 1e6).toFixed(1)} MB` : String(value));
  return {
    update(done, total) {
      const now = Date.now();
      first ??= { at: now, done };
      const complete = done === total;
      if (now - last < (stderr.isTTY ? REDRAW_MS : LINE_MS) && !complete) return;
      if (!stderr.isTTY && last === 0 && !complete) {
        last = now;
        return;
      }
      last = now;
      const share = total === null || total === 0 ? 0 : done / total;
      const since = done - first.done;
      const seconds = (now - first.at) / 1000;
      const left =
        total !== null && since > 0 && !complete ? `, ${Math.ceil((seconds / since) * (total - done))} s left` : "";
      const text = `${title} ${amount(done)}${total === null ? "" : ` of ${amount(total)}`}${left}`;
      if (stderr.isTTY) {
        const filled = Math.round(share * WIDTH);
        stderr.write(`\r\x1b[K[${"=".repeat(filled)}${" ".repeat(WIDTH - filled)}] ${text}`);
        drawn = true;
      } else {
        stderr.write(`modx: ${text}\n`);
      }
    },
    end() {
      if (drawn) stderr.write("\n");
      drawn = false;
    },
  };
}
