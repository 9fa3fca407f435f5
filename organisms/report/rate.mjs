export const percent = (value) => (value === null || Number.isNaN(value) ? "-" : `${(100 * value).toFixed(1)} %`);

/** Rate and 95 % interval. */
export const withInterval = ({ rate, low, high, n }) =>
  n === 0 ? "-" : `${percent(rate)} (${(100 * low).toFixed(1)} - ${(100 * high).toFixed(1)})`;

export const table = (head, rows) =>
  [
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
