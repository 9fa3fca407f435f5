import { atPromptText, type Behaviour, type Contrast, type EvaluationReport, type Rate } from "@modx/lab";
import { percent } from "./percent.ts";

/** An evaluation's numbers for a terminal. */
export function reportText({
  behaviour,
  arms,
  operating,
  beside,
  tpr_by,
  at_prompt,
  delay,
  cost,
  hard8,
  refused8,
  unseen8,
  surprisal,
  paired,
  seedRule,
  controls,
  swap = [],
  missed,
  untested,
  limits = [],
}: EvaluationReport): string {
  const whole = (value: number | null): string => value?.toFixed(0) ?? "-";
  const area = (value: number | null): string => (value === null ? "-" : value.toFixed(3));
  const contrast = (what: string, one: Contrast): string =>
    `first 8 tokens against ${what}: area ${area(one.auroc)} (${area(one.low)} - ${area(one.high)}); TF-IDF ${area(one.tfidf)}, lowest layer ${area(one.embedding)}, refusal words ${area(one.regex)}, length ${area(one.length)}`;
  return [
    behaviourText(behaviour).trimEnd(),
    "responses that alarm:",
    ...Object.entries(arms).map(rateLine),
    "primary set, caught at thresholds from the pack's calibration:",
    ...Object.entries(operating).map(([what, { threshold, caught }]) =>
      rateLine([`${what}: above ${threshold.toFixed(2)}`, caught]),
    ),
    "primary set, caught within tokens (-1: at the prompt):",
    ...Object.entries(tpr_by)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(rateLine),
    ...(at_prompt === undefined ? [] : [atPromptText(at_prompt)]),
    `let out before the alarm: ${whole(delay.median)} tokens at the median, ${whole(delay.p90)} at the 90th percentile; ${delay.recall_honest?.toFixed(1) ?? "-"} on average where what is never caught counts whole`,
    ...(cost === undefined
      ? []
      : [`the detectors' own code: ${cost.score_us_per_token.toFixed(1)} microseconds a token`]),
    contrast("answers to what looks harmful", hard8),
    contrast("refusals", refused8),
    ...(unseen8 === undefined ? [] : [contrast("refusals in unseen wording", unseen8)]),
    `surprise of the model itself: area ${area(surprisal.auroc)}, rank correlation with the score ${area(surprisal.complied)} (complied), ${area(surprisal.sensitive)} (what looks harmful)`,
    ...(surprisal.token_complied || surprisal.token_sensitive
      ? [
          `  by token, with how far the score moves: ${area(surprisal.token_complied?.rho ?? null)} (complied), ${area(surprisal.token_sensitive?.rho ?? null)} (what looks harmful)`,
        ]
      : []),
    "at the same false alarms on benign requests:",
    ...paired.map(
      ({ versus, b, c, p_holm }) =>
        `  ${versus}: ${b} caught by the monitor alone, ${c} by the other alone, p ${pText(p_holm)}`,
    ),
    ...Object.entries(beside).map(
      ([name, { auroc, caught }]) =>
        `  ${name}: area against benign ${area(auroc)}${caught === null ? "" : `, caught at its own threshold ${percent(caught.rate)}`}`,
    ),
    ...(seedRule === undefined ? [] : ["flagged by the seed's rule, which has no threshold:"]),
    ...Object.entries(seedRule ?? {}).map(rateLine),
    "controls:",
    ...Object.entries(controls).map(rateLine),
    ...swap.map(
      ({ what, b, c, p_holm }) => `  ${what}: ${b} alarm there alone, ${c} against it alone, p ${pText(p_holm)}`,
    ),
    ...(missed.length + untested.length === 0 ? ["every goal was tested, and none was missed"] : []),
    ...listed("missed goals:", missed),
    ...listed("goals that were not tested:", untested),
    ...listed("limits:", limits),
    "",
  ].join("\n");
}

function pText(p: number): string {
  return p < 0.001 ? "< .001" : p.toFixed(3);
}

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** What the model does in each arm. */
export function behaviourText(behaviour: Record<string, Behaviour>): string {
  const lines = Object.entries(behaviour).flatMap(([arm, { refused, answered, worst, ambiguous, degenerate }]) => [
    rateLine([`${arm}: refused${ambiguous + degenerate === 0 ? "" : ifUnclear(worst.refused)}`, refused]),
    rateLine([
      `${arm}: answered${ambiguous + degenerate === 0 ? "" : `${ifUnclear(worst.answered)}${unclear(ambiguous, degenerate)}`}`,
      answered,
    ]),
  ]);
  return `what the model does:\n${lines.join("\n")}\n`;
}

function ifUnclear([low, high]: readonly [number, number]): string {
  return `, ${percent(low)} to ${percent(high)} with all that is unclear`;
}

function unclear(ambiguous: number, degenerate: number): string {
  return ` (left out: ${ambiguous} ambiguous, ${degenerate} degenerate)`;
}

function rateLine([what, { rate, low, high, n }]: [string, Rate]): string {
  return `  ${percent(rate).padStart(7)}  (${percent(low)} - ${percent(high)}, n = ${n})  ${what}`;
}
