import type { Rate } from "../stats/rates.ts";
import { escapeHtml } from "./escape-html.ts";

/** An HTML table; columns whose first filled cell begins like a number stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const numeric = head.map((_, column) => {
    const filled = rows.find((row) => (row[column] ?? "") !== "");
    return /^[-+.\d]/.test(filled?.[column] ?? "");
  });
  const cells = (row: readonly string[], tag: string): string =>
    row
      .map((cell, column) => `<${tag}${numeric[column] ? ' class="number"' : ""}>${escapeHtml(cell)}</${tag}>`)
      .join("");
  return `<div class="wide"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells(row, "td")}</tr>`)
    .join("")}</tbody></table></div>`;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "-";
}

export function intervalOf({ low, high }: { low: number; high: number }): string {
  return `${percent(low)} to ${percent(high)}`;
}

/** Cells of a rate: share, interval, n. */
export function rateCells(rate: Rate): string[] {
  return [percent(rate.rate), intervalOf(rate), String(rate.n)];
}

export function number(value: number | null, digits = 3): string {
  return value === null || !Number.isFinite(value) ? "-" : value.toFixed(digits);
}
