import { table, withInterval } from "./rate.mjs";

const BY = ["4", "8", "16", "32", "64"];

/** How soon packs catch, what reads the request alone beside them, and what an alarm lets out and costs, as markdown. */
export function howSoon(triggered) {
  const asked = triggered.filter(({ report }) => report.at_prompt?.["prompt-tf-idf"]);
  const timed = triggered.some(({ report }) => report.cost !== undefined);
  return `Within so many tokens, in force, and the tokens that are let out before the alarm: of the caught, and on average where an answer that is never caught counts whole.${
    asked.length === 0 ? "" : " TF-IDF of the request at as many false alarms as the pack's."
  }

${table(
  [
    "organism",
    "at the prompt",
    ...(asked.length === 0 ? [] : ["TF-IDF of the request"]),
    ...BY,
    "let out, median",
    "90th percentile",
    "on average",
    ...(timed ? ["detectors' own µs a token"] : []),
  ],
  triggered.map(({ name, report: { tpr_by, at_prompt, delay, cost } }) => [
    `\`${name}\``,
    withInterval(tpr_by["-1"]),
    ...(asked.length === 0 ? [] : [at_prompt?.["prompt-tf-idf"] ? withInterval(at_prompt["prompt-tf-idf"]) : "-"]),
    ...BY.map((token) => withInterval(tpr_by[token])),
    tokens(delay, "median", 0),
    tokens(delay, "p90", 0),
    tokens(delay, "recall_honest", 1),
    ...(timed ? [cost === undefined ? "-" : cost.score_us_per_token.toFixed(1)] : []),
  ]),
)}${beforeTheFirst(asked)}`;
}

function tokens({ intervals, ...delay }, of, digits) {
  if (delay[of] === null) return "-";
  const ends = intervals?.[of].map((end) => end.toFixed(digits)).join(" - ");
  return `${delay[of].toFixed(digits)}${ends === undefined ? "" : ` (${ends})`}`;
}

/** Who is ahead before the first token, where that is more than chance. */
function beforeTheFirst(asked) {
  if (asked.length === 0) return "";
  const ahead = (test) =>
    asked
      .filter(({ report: { at_prompt } }) => at_prompt.paired.p < 0.05 && test(at_prompt.paired))
      .map(({ name }) => `\`${name}\``);
  const [text, pack] = [ahead(({ b, c }) => c > b), ahead(({ b, c }) => b > c)];
  return `

Before the first token ${
    [
      ...(text.length === 0 ? [] : [`text wins on ${text.join(", ")}`]),
      ...(pack.length === 0 ? [] : [`the pack wins on ${pack.join(", ")}`]),
    ].join(", and ") || "neither the pack nor text is ahead"
  } (McNemar, p < .05).`;
}
