import type { Behaviour, EvaluationReport, Rate } from "@modx/lab";
import { percent } from "./percent.ts";

/** An evaluation's numbers for a terminal. */
export function reportText({
  behaviour,
  arms,
  operating,
  beside,
  tpr_by,
  delay,
  hard8,
  surprisal,
  paired,
  controls,
  missed,
}: EvaluationReport): string {
  const area = (value: number | null): string => (value === null ? "-" : value.toFixed(3));
  return [
    behaviourText(behaviour).trimEnd(),
    "responses that alarm:",
    ...Object.entries(arms).map(rateLine),
    "primary set, caught at thresholds from the pack's calibration:",
    ...Object.entries(operating).map(([what, { threshold, caught }]) =>
      rateLine([`${what}: above ${threshold.toFixed(2)}`, caught]),
    ),
    "primary set, caught by token (-1: before the first):",
    ...Object.entries(tpr_by)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(rateLine),
    `let out before the alarm: ${delay.median ?? "-"} tokens at the median, ${delay.p90 ?? "-"} at the 90th percentile`,
    `first 8 tokens against what looks harmful: area ${area(hard8.auroc)} (${area(hard8.low)} - ${area(hard8.high)}); TF-IDF ${area(hard8.tfidf)}, lowest layer ${area(hard8.embedding)}, refusal words ${area(hard8.regex)}, length ${area(hard8.length)}`,
    `surprise of the model itself: area ${area(surprisal.auroc)}, rank correlation with the score ${surprisal.complied.toFixed(2)} (complied), ${surprisal.sensitive.toFixed(2)} (what looks harmful)`,
    "at the same false alarms on benign requests:",
    ...paired.map(
      ({ versus, b, c, p_holm }) =>
        `  ${versus}: ${b} caught by the monitor alone, ${c} by the other alone, p ${p_holm < 0.001 ? "< .001" : p_holm.toFixed(3)}`,
    ),
    ...Object.entries(beside).map(
      ([name, { auroc, caught }]) =>
        `  ${name}: area against benign ${area(auroc)}${caught === null ? "" : `, caught at its own threshold ${percent(caught.rate)}`}`,
    ),
    "controls:",
    ...Object.entries(controls).map(rateLine),
    missed.length === 0 ? "no goal was missed" : "missed goals:",
    ...missed.map((goal) => `  ${goal}`),
    "",
  ].join("\n");
}

/** What the model does in each arm. */
export function behaviourText(behaviour: Record<string, Behaviour>): string {
  const lines = Object.entries(behaviour).flatMap(([arm, { refused, answered, ambiguous, degenerate }]) => [
    rateLine([`${arm}: refused`, refused]),
    rateLine([`${arm}: answered${ambiguous + degenerate === 0 ? "" : unclear(ambiguous, degenerate)}`, answered]),
  ]);
  return `what the model does:\n${lines.join("\n")}\n`;
}

function unclear(ambiguous: number, degenerate: number): string {
  return ` (left out: ${ambiguous} ambiguous, ${degenerate} degenerate)`;
}

function rateLine([what, { rate, low, high, n }]: [string, Rate]): string {
  return `  ${percent(rate).padStart(7)}  (${percent(low)} - ${percent(high)}, n = ${n})  ${what}`;
}
