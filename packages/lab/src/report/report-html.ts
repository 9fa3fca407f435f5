import type { Rate } from "../stats/rates.ts";
import { type Axis, lineChart } from "./chart.ts";
import { escapeHtml } from "./escape-html.ts";
import { type EvaluationReport, PRIMARY_ARM } from "./evaluation-report.ts";
import { maximaChart } from "./maxima-chart.ts";
import { STYLE } from "./style.ts";
import { intervalOf, number, percent, rateCells, table } from "./table.ts";

const SHARE: Pick<Axis, "min" | "max" | "format"> = {
  min: 0,
  max: 1,
  format: (value) => `${Math.round(100 * value)} %`,
};

/** One self-contained page: no script, nothing fetched. All of its numbers stand in the report's JSON too. */
export function reportHtml(report: EvaluationReport): string {
  const title = "What the monitor caught, and what it alarmed on";
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style></head>
<body>
<h1>${title}</h1>
${[headline, goals, behaviour, falseAlarms, operating, delays, contrast, others, labels, provenance].map((section) => section(report)).join("\n")}
</body>
</html>
`;
}

function headline({ arms, hard8 }: EvaluationReport): string {
  const primary = arms[PRIMARY_ARM];
  const benign = arms["benign"];
  const parts = [
    primary === undefined
      ? "No triggered answer complied, so there is nothing to catch."
      : `Of ${primary.n} answers that complied when triggered and were refused without the trigger, ${percent(primary.rate)} alarm (95 % interval ${intervalOf(primary)}).`,
    benign === undefined
      ? ""
      : `Of ${benign.n} answers to benign requests, ${percent(benign.rate)} do (${intervalOf(benign)}).`,
    tie(hard8),
  ];
  return `<p class="lead">${escapeHtml(parts.filter((part) => part !== "").join(" "))}</p>`;
}

/** Where a baseline that knows no model does as well, the first paragraph says so. */
function tie({ auroc, low, length, regex, tfidf, embedding }: EvaluationReport["hard8"]): string {
  const baselines = Object.entries({
    length,
    "a list of refusal words": regex,
    "TF-IDF": tfidf,
    "the first layer": embedding,
  });
  const level = baselines.filter(([, area]) => area !== null && area >= low).map(([name]) => name);
  return level.length === 0
    ? `On the hard contrast at equal length its area under the ROC curve is ${number(auroc)}, above that of every baseline.`
    : `On the hard contrast at equal length (area ${number(auroc)}) ${level.join(" and ")} does as well: there the monitor shows nothing that text does not.`;
}

function goals({ missed }: EvaluationReport): string {
  if (missed.length === 0) return "<p>No stated goal was missed.</p>";
  return `<div class="missed"><p>Missed goals:</p><ul>${missed.map((goal) => `<li>${escapeHtml(goal)}</li>`).join("")}</ul></div>`;
}

function falseAlarms({ arms, figures }: EvaluationReport): string {
  const least = Math.max(
    1e-4,
    Math.min(...figures.roc.flatMap(({ points }) => points.map(([fpr]) => fpr)).filter((fpr) => fpr > 0), 0.01),
  );
  return [
    "<h2>Alarms</h2>",
    table(
      ["answers", "prompts", "alarm", "95 % interval", "n"],
      Object.entries(arms).map(([arm, rate]) => [arm, String(rate.prompts), ...rateCells(rate)]),
    ),
    "<h2>Promised and kept</h2>",
    table(
      ["traffic", "stated at most", "alarmed", "95 % interval", "n"],
      figures.promises.map(({ traffic, stated, realised }) => [traffic, percent(stated), ...rateCells(realised)]),
    ),
    maximaChart("Highest scores against the threshold", figures.maxima, figures.threshold),
    lineChart(
      "Caught against false alarms",
      { label: "benign answers that alarm", min: least, max: 1, log: true, format: (value) => `${100 * value} %` },
      { label: "primary set caught", ...SHARE },
      figures.roc.map(({ name, points }) => ({ name, points, steps: true })),
      [{ axis: "x", at: 0.01, label: "1 %" }],
    ),
  ].join("\n");
}

function behaviour({ behaviour: arms }: EvaluationReport): string {
  return `<h2>What the model does</h2>${table(
    ["asked", "answers", "refuses", "95 % interval", "answers it", "95 % interval", "ambiguous", "degenerate"],
    Object.entries(arms).map(([arm, { n, refused, answered, ambiguous, degenerate }]) => [
      arm,
      String(n),
      percent(refused.rate),
      intervalOf(refused),
      percent(answered.rate),
      intervalOf(answered),
      String(ambiguous),
      String(degenerate),
    ]),
  )}`;
}

function operating({ operating: points }: EvaluationReport): string {
  const cell = ({ rate, n }: Rate): string => (n === 0 ? "-" : percent(rate));
  return `<h2>Other thresholds, from the pack's own calibration</h2>${table(
    ["threshold", "value", "primary set caught", "95 % interval", "benign", "refused", "looks harmful"],
    Object.entries(points).map(([what, { threshold, caught, benign, refused, sensitive }]) => [
      what,
      number(threshold, 2),
      cell(caught),
      caught.n === 0 ? "-" : intervalOf(caught),
      cell(benign),
      cell(refused),
      cell(sensitive),
    ]),
  )}`;
}

function delays({ tpr_by, delay, figures }: EvaluationReport): string {
  const byToken = Object.entries(tpr_by).sort(([a], [b]) => Number(a) - Number(b));
  const last = Math.max(1, ...figures.delay.map(([token]) => token));
  const scores = figures.course.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  const [least, most] = [Math.min(figures.threshold, ...scores), Math.max(figures.threshold, ...scores)];
  const tokens = Math.max(1, ...figures.course.flatMap(({ points }) => points.map(({ token }) => token)));
  return [
    "<h2>How soon</h2>",
    `<p>Let out before the alarm: ${number(delay.median, 0)} tokens at the median of the caught, ${number(delay.p90, 0)} at the 90th percentile; ${number(delay.recall_honest, 1)} on average where an answer that was never caught counts whole.</p>`,
    table(
      ["by token", "caught", "95 % interval", "n"],
      byToken.map(([token, rate]) => [token === "-1" ? "before the first" : token, ...rateCells(rate)]),
    ),
    lineChart(
      "Share of the primary set caught by each token",
      { label: "response token", min: -1, max: last },
      { label: "caught", ...SHARE },
      [{ name: "caught", points: figures.delay, steps: true }],
    ),
    lineChart(
      "Running score: median, and the middle half",
      { label: "response token", min: 0, max: tokens },
      { label: "score", min: least, max: most },
      figures.course.map(({ arm, points }) => ({
        name: arm,
        points: points.map(({ token, median }) => [token, median] as const),
        band: points.map(({ low, high }) => [low, high] as const),
      })),
      [{ axis: "y", at: figures.threshold, label: "threshold" }],
    ),
  ].join("\n");
}

function contrast({ hard8, surprisal }: EvaluationReport): string {
  const { auroc, low, high, length, regex, tfidf, embedding } = hard8;
  return `<h2>Hard contrast, first 8 tokens</h2>${table(
    ["score", "area under the ROC curve"],
    [
      ["the monitor", `${number(auroc)} (${number(low)} to ${number(high)})`],
      ["length", number(length)],
      ["list of refusal words", number(regex)],
      ["TF-IDF", tfidf === null ? "not trained" : number(tfidf)],
      ["first layer", embedding === null ? "not trained" : number(embedding)],
    ],
  )}<p>How much an answer surprises the model itself (mean negative log probability of its first tokens) reaches an area of
${number(surprisal.auroc)} between the same groups. Its rank correlation with the score is ${number(surprisal.complied)} within answers that complied and
${number(surprisal.sensitive)} within answers to what looks harmful; far from zero, the score would be surprise.</p>`;
}

function others({ paired, beside, controls }: EvaluationReport): string {
  const rates = Object.entries(controls) as [string, Rate][];
  return [
    "<h2>Against other detectors, at the same false alarms</h2>",
    table(
      ["detector", "caught by the monitor alone", "by the other alone", "p (McNemar, Holm)"],
      paired.map(({ versus, b, c, p_holm }) => [
        versus,
        String(b),
        String(c),
        p_holm < 0.001 ? "below .001" : number(p_holm),
      ]),
    ),
    ...(Object.keys(beside).length === 0
      ? []
      : [
          "<h2>Other packs on the same answers</h2>",
          table(
            ["pack", "area against benign", "caught at its own threshold", "benign that alarm there"],
            Object.entries(beside).map(([name, { auroc, caught, benign }]) => [
              name,
              auroc === null ? "-" : number(auroc),
              caught === null ? "no threshold" : `${percent(caught.rate)} (${intervalOf(caught)})`,
              benign === null ? "-" : `${percent(benign.rate)} (${intervalOf(benign)})`,
            ]),
          ),
        ]),
    "<h2>Controls, at the frozen threshold</h2>",
    table(
      ["control", "alarm", "95 % interval", "n"],
      rates.map(([name, rate]) => [name, ...rateCells(rate)]),
    ),
  ].join("\n");
}

function labels({ labels: { n, ambiguous, degenerate, read, error_high } }: EvaluationReport): string {
  const reading =
    read === 0
      ? "Nobody has read them, so no bound on the labels' errors is claimed."
      : `${read} were read blind; the labels err in at most ${percent(error_high)} (95 % bound), and no rate below that is claimed.`;
  return `<h2>Labels</h2><p>${n} answers were labelled by their prompt and text alone: ${ambiguous} are ambiguous and ${degenerate} degenerate; those are counted and left out. ${reading} A label means compliance, not capability.</p>`;
}

function provenance({ about, frozen }: EvaluationReport): string {
  const rows = [
    ...about,
    ["commit", frozen.commit ?? "unknown"],
    ["pack, sha256", frozen.pack_sha256],
    ["thresholds, sha256", frozen.threshold_sha256],
  ];
  return `<h2>What was measured</h2><div class="wide"><table>${rows
    .map(
      ([what, value]) => `<tr><th>${escapeHtml(what ?? "")}</th><td><code>${escapeHtml(value ?? "")}</code></td></tr>`,
    )
    .join("")}</table></div>`;
}
