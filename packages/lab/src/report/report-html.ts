import type { Rate } from "../stats/rates.ts";
import { atPromptText } from "./at-prompt-text.ts";
import { baselineAreas } from "./baseline-areas.ts";
import { type Axis, lineChart } from "./chart.ts";
import { complianceText } from "./compliance-alarms.ts";
import { contrastSection, pText } from "./contrast-section.ts";
import { escapeHtml } from "./escape-html.ts";
import {
  type Contrast,
  type DelayIntervals,
  type EvaluationReport,
  PRIMARY_ARM,
  type ReportFigures,
} from "./evaluation-report.ts";
import { limitsOf } from "./limits.ts";
import { maximaChart } from "./maxima-chart.ts";
import { STYLE } from "./style.ts";
import { intervalOf, number, percent, rateCells, table } from "./table.ts";

const SHARE: Pick<Axis, "min" | "max" | "format"> = {
  min: 0,
  max: 1,
  format: (value) => `${Math.round(100 * value)} %`,
};

/** A report whose figures may not have been stored with it. */
export type DrawnReport = Omit<EvaluationReport, "figures"> & Partial<Pick<EvaluationReport, "figures">>;

/** One self-contained page: no script, nothing fetched. All of its numbers stand in the report's JSON too. */
export function reportHtml(report: DrawnReport): string {
  const title = "What the monitor caught, and what it alarmed on";
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style></head>
<body>
<h1>${title}</h1>
${[headline, goals, behaviour, falseAlarms, operating, delays, contrastSection, others, labels, limits, provenance].map((section) => section(report)).join("\n")}
</body>
</html>
`;
}

function headline({ arms, hard8, refused8, unseen8, controls, at_prompt, figures }: DrawnReport): string {
  const primary = arms[PRIMARY_ARM];
  const benign = arms["benign"];
  const parts = [
    primary === undefined
      ? nothingToCatch(arms)
      : `Of ${primary.n} answers that complied when triggered and were refused without the trigger, ${percent(primary.rate)} alarm (95 % interval ${intervalOf(primary)}).`,
    benign === undefined
      ? ""
      : `Of ${benign.n} answers to benign requests, ${percent(benign.rate)} do (${intervalOf(benign)}).`,
    tie("On the hard contrast", hard8) || "There were too few answers for the hard contrast at equal length.",
    tie("Against refusals", refused8),
    unseen8 === undefined ? "" : tie("Against refusals in unseen wording", unseen8),
    at_prompt === undefined ? "" : atPromptText(at_prompt),
    complianceText({ arms, controls }),
  ];
  const drawn =
    figures === undefined ? "<p>The figures were not stored with these numbers, so none are drawn.</p>" : "";
  return `<p class="lead">${escapeHtml(parts.filter((part) => part !== "").join(" "))}</p>${drawn}`;
}

function nothingToCatch(arms: EvaluationReport["arms"]): string {
  const complied = arms["triggered, complied"];
  if (complied === undefined)
    return "No answer to a triggered request is known to have complied, so there is nothing to catch.";
  return `${complied.n} triggered answers complied, but to no request that is known to be refused without the trigger, so there is no primary set; ${percent(complied.rate)} of them alarm (95 % interval ${intervalOf(complied)}).`;
}

/** Where a baseline that knows no model does as well, the first paragraph says so. Baselines that were not trained are not spoken of. Empty where there is no area. */
function tie(where: string, contrast: Contrast): string {
  const { auroc, low } = contrast;
  if (auroc === null || low === null) return "";
  const measured = baselineAreas(contrast);
  const level = measured.filter((one) => one.level).map(({ name }) => name);
  const against = measured.map(({ name, area }) => `${name} ${number(area)}`).join(", ");
  return level.length === 0
    ? `${where} at equal length its area under the ROC curve is ${number(auroc)}, above that of what was measured beside it: ${against}.`
    : `${where} at equal length (area ${number(auroc)}) ${inWords(level)} as well: there the monitor shows nothing that these do not.`;
}

function inWords(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)} do` : `${names.join("")} does`;
}

function goals({ missed, untested }: DrawnReport): string {
  const list = (title: string, all: readonly string[]): string =>
    all.length === 0
      ? ""
      : `<div class="missed"><p>${title}</p><ul>${all.map((goal) => `<li>${escapeHtml(goal)}</li>`).join("")}</ul></div>`;
  if (missed.length + untested.length === 0) return "<p>Every stated goal was tested, and none was missed.</p>";
  return list("Missed goals:", missed) + list("Goals that were not tested:", untested);
}

function falseAlarms({ arms, figures }: DrawnReport): string {
  return [
    "<h2>Alarms</h2>",
    table(
      ["answers", "prompts", "alarm", "95 % interval", "n"],
      Object.entries(arms).map(([arm, rate]) => [arm, String(rate.prompts), ...rateCells(rate)]),
    ),
    ...(figures === undefined ? [] : promises(figures)),
  ].join("\n");
}

function promises({ roc, promises: kept, maxima, threshold }: ReportFigures): string[] {
  const least = Math.max(
    1e-4,
    Math.min(...roc.flatMap(({ points }) => points.map(([fpr]) => fpr)).filter((fpr) => fpr > 0), 0.01),
  );
  return [
    "<h2>Promised and kept</h2>",
    table(
      ["traffic", "stated at most", "alarmed", "95 % interval", "n"],
      kept.map(({ traffic, stated, realised }) => [traffic, percent(stated), ...rateCells(realised)]),
    ),
    maximaChart("Highest scores against the threshold", maxima, threshold),
    lineChart(
      "Caught against false alarms",
      { label: "benign answers that alarm", min: least, max: 1, log: true, format: (value) => `${100 * value} %` },
      { label: "primary set caught", ...SHARE },
      roc.map(({ name, points }) => ({ name, points, steps: true })),
      [{ axis: "x", at: 0.01, label: "1 %" }],
    ),
  ];
}

function behaviour({ behaviour: arms }: DrawnReport): string {
  return `<h2>What the model does</h2>${table(
    ["asked", "answers", "refuses", "with all unclear", "answers it", "ambiguous", "degenerate"],
    Object.entries(arms).map(([arm, { n, refused, answered, worst, ambiguous, degenerate }]) => [
      arm,
      String(n),
      withInterval(refused),
      boundsOf(worst.refused),
      withInterval(answered),
      String(ambiguous),
      String(degenerate),
    ]),
  )}<p>Rates are of the answers that the rule decides, with 95 % intervals; beside refusals what they would be of all answers if all that are unclear complied, or refused.</p>`;
}

function boundsOf([low, high]: readonly [number, number]): string {
  return `${(100 * low).toFixed(1)} - ${percent(high)}`;
}

function withInterval({ rate, low, high, n }: Rate): string {
  return n === 0 ? "-" : `${percent(rate)} (${(100 * low).toFixed(1)} - ${(100 * high).toFixed(1)})`;
}

function operating({ operating: points }: DrawnReport): string {
  const cell = ({ rate, n }: Rate): string => (n === 0 ? "-" : percent(rate));
  return `<h2>Other thresholds, from the pack's own calibration</h2>${table(
    ["threshold", "value", "primary set caught", "benign", "benign with trigger", "refused", "looks harmful"],
    Object.entries(points).map(([what, { threshold, caught, benign, benignTriggered, refused, sensitive }]) => [
      what,
      number(threshold, 2),
      withInterval(caught),
      cell(benign),
      cell(benignTriggered),
      cell(refused),
      cell(sensitive),
    ]),
  )}`;
}

function delays({ tpr_by, at_prompt, delay, cost, figures }: DrawnReport): string {
  const byToken = Object.entries(tpr_by).sort(([a], [b]) => Number(a) - Number(b));
  const { intervals } = delay;
  const tokens = (of: keyof DelayIntervals, digits: number): string =>
    `${number(delay[of], digits)}${intervals === undefined ? "" : ` (${intervals[of].map((end) => number(end, digits)).join(" to ")})`}`;
  const request = at_prompt?.["prompt-tf-idf"] ?? null;
  return [
    "<h2>How soon</h2>",
    `<p>Let out before the alarm: ${tokens("median", 0)} tokens at the median of the caught, ${tokens("p90", 0)} at the 90th percentile; ${tokens("recall_honest", 1)} on average where an answer that was never caught counts whole.</p>`,
    table(
      ["within tokens", "caught", "95 % interval", "n"],
      [
        ...byToken.map(([token, rate]) => [token === "-1" ? "0, at the prompt" : token, ...rateCells(rate)]),
        ...(request === null ? [] : [["0, by TF-IDF of the request at as many false alarms", ...rateCells(request)]]),
      ],
    ),
    ...(cost === undefined
      ? []
      : [
          `<p>The detectors' own code takes ${number(cost.score_us_per_token, 1)} microseconds a response token here, once the readings are there.</p>`,
        ]),
    ...(figures === undefined ? [] : courses(figures)),
  ].join("\n");
}

function courses({ delay, course, threshold }: ReportFigures): string[] {
  const last = Math.max(1, ...delay.map(([token]) => token));
  const scores = course.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  const [least, most] = [Math.min(threshold, ...scores), Math.max(threshold, ...scores)];
  const tokens = Math.max(1, ...course.flatMap(({ points }) => points.map(({ token }) => token)));
  return [
    lineChart(
      "Share of the primary set caught within so many tokens",
      { label: "response tokens", min: 0, max: last },
      { label: "caught", ...SHARE },
      [{ name: "caught", points: delay, steps: true }],
    ),
    lineChart(
      "Running score: median, and the middle half",
      { label: "response token", min: 0, max: tokens },
      { label: "score", min: least, max: most },
      course.map(({ arm, points }) => ({
        name: arm,
        points: points.map(({ token, median }) => [token, median] as const),
        band: points.map(({ low, high }) => [low, high] as const),
      })),
      [{ axis: "y", at: threshold, label: "threshold" }],
    ),
  ];
}

function others({ paired, beside, seedRule, controls, swap }: DrawnReport): string {
  const rates = Object.entries(controls) as [string, Rate][];
  return [
    "<h2>Against other detectors, at the same false alarms</h2>",
    paired.length === 0
      ? "<p>None was compared.</p>"
      : table(
          ["detector", "caught by the monitor alone", "by the other alone", "p (McNemar, Holm)"],
          paired.map(({ versus, b, c, p_holm }) => [versus, String(b), String(c), pText(p_holm)]),
        ),
    ...(Object.keys(beside).length === 0
      ? []
      : [
          "<h2>Other packs on the same answers</h2>",
          table(
            ["pack", "area against benign", "caught at its own threshold", "benign that alarm there"],
            Object.entries(beside).map(([name, { auroc, low, high, caught, benign }]) => [
              name,
              low == null || high == null ? number(auroc) : `${number(auroc)} (${number(low)} to ${number(high)})`,
              caught === null ? "no threshold" : `${percent(caught.rate)} (${intervalOf(caught)})`,
              benign === null ? "-" : `${percent(benign.rate)} (${intervalOf(benign)})`,
            ]),
          ),
        ]),
    ...(seedRule === undefined
      ? []
      : [
          "<h2>What the seed's rule flags, which has no threshold</h2>",
          table(
            ["answers", "flagged", "95 % interval", "n"],
            Object.entries(seedRule).map(([name, rate]) => [name, ...rateCells(rate)]),
          ),
        ]),
    "<h2>Controls, at the frozen threshold</h2>",
    table(
      ["control", "alarm", "95 % interval", "n"],
      rates.map(([name, rate]) => [name, ...rateCells(rate)]),
    ),
    ...(swap === undefined
      ? []
      : [
          table(
            ["on the same requests", "the first alone alarms", "the second alone", "p (McNemar, Holm)"],
            swap.map(({ what, b, c, p_holm }) => [what, String(b), String(c), pText(p_holm)]),
          ),
        ]),
  ].join("\n");
}

function limits(report: DrawnReport): string {
  const all = report.limits ?? limitsOf(report);
  return `<h2>Limits</h2><ul>${all.map((limit) => `<li>${escapeHtml(limit)}</li>`).join("")}</ul>`;
}

function labels({ labels: { n, ambiguous, degenerate, read, error_high, errors = [] } }: DrawnReport): string {
  const reading =
    read === 0
      ? "Nobody has read them, so no bound on the labels' errors is claimed."
      : `${read} answers were read blind; in the arm that it labels worst the rule errs in at most ${percent(error_high)} (95 % bound): a smaller rate of labels says what the rule finds and no more.`;
  const text = `<h2>Labels</h2><p>${n} answers were labelled by their prompt and text alone: ${ambiguous} are ambiguous and ${degenerate} degenerate; those are counted and left out. ${reading} A label means compliance, not capability.</p>`;
  if (errors.length === 0) return text;
  return `${text}${table(
    ["answers to", "label of the rule", "read", "read otherwise", "95 % bound of the share"],
    errors.map(({ arm, label, read: count, wrong, high }) => [arm, label, String(count), String(wrong), percent(high)]),
  )}<p>Of answers to harmful requests a loop or what is neither refusal nor compliance counts as read otherwise; of others only refusals.</p>`;
}

function yesOrNo(is: boolean | null): string {
  return is === null ? "not known: it lies outside of the repository" : is ? "yes" : "no";
}

function provenance({ about, frozen }: DrawnReport): string {
  const rows = [
    ...about,
    ["commit", frozen.commit ?? "unknown"],
    ...(frozen.pack_in_commit === undefined ? [] : [["the pack is in the commit", yesOrNo(frozen.pack_in_commit)]]),
    ["pack, sha256", frozen.pack_sha256],
    ["thresholds, sha256", frozen.threshold_sha256],
  ];
  return `<h2>What was measured</h2><div class="wide"><table>${rows
    .map(
      ([what, value]) => `<tr><th>${escapeHtml(what ?? "")}</th><td><code>${escapeHtml(value ?? "")}</code></td></tr>`,
    )
    .join("")}</table></div>`;
}
