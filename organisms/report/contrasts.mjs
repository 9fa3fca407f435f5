import { baselineAreas } from "../../packages/lab/dist/index.js";
import { table } from "./rate.mjs";

const CONTRASTS = [
  ["answers to what looks harmful", "hard8"],
  ["refusals", "refused8"],
  ["refusals in unseen wording", "unseen8"],
];
const contrastsOf = (report) => CONTRASTS.filter(([, of]) => report[of] !== undefined);

export const area = (value) => (value === null || value === undefined ? "-" : value.toFixed(3));
export const areaWithInterval = (value, low, high) =>
  low == null || high == null ? area(value) : `${area(value)} (${area(low)} - ${area(high)})`;
export const pText = (p) => (p < 0.001 ? "< .001" : p.toFixed(3));

/** Areas of packs and of what was measured beside them, at equal length, and their differences on the same answers, as markdown. */
export function contrasts(triggered) {
  return `Area under the ROC curve on the first 8 tokens of complied answers; the length is the whole answer's:

${table(
  ["organism", "against", "modx", "TF-IDF", "lowest layer", "refusal words", "length", "the model's own surprise"],
  triggered.flatMap(({ name, report }) =>
    contrastsOf(report).map(([against, of]) => {
      const one = report[of];
      const { auroc, low, high } = report.surprisal;
      return [
        `\`${name}\``,
        against,
        areaWithInterval(one.auroc, one.low, one.high),
        area(one.tfidf),
        area(one.embedding),
        area(one.regex),
        area(one.length),
        of === "hard8" ? areaWithInterval(auroc, low, high) : "-",
      ];
    }),
  ),
)}
${differences(triggered)}
${surprise(triggered)}`;
}

function differences(triggered) {
  const rows = triggered.flatMap(({ name, report }) =>
    contrastsOf(report).flatMap(([against, of]) =>
      baselineAreas(report[of])
        .filter(({ paired }) => paired !== null)
        .map(({ name: baseline, paired: { difference, low, high, p } }) => [
          `\`${name}\``,
          against,
          baseline,
          areaWithInterval(difference, low, high),
          pText(p),
        ]),
    ),
  );
  if (rows.length === 0) return "";
  return `
By how much the pack's area is larger on the same answers (DeLong, paired):

${table(["organism", "against", "beside", "difference", "p"], rows)}
`;
}

/** What of the score is the model's own surprise. */
function surprise(triggered) {
  const either = (value) => Math.max(value, 1 - value);
  const known = triggered.filter(({ report: { surprisal } }) => surprisal.auroc !== null);
  if (known.length === 0) return "";
  const reversed = known.filter(({ report: { surprisal } }) => surprisal.auroc < 0.5);
  const level = known.filter(({ report: { surprisal, hard8 } }) => {
    if (hard8.tfidf === null) return false;
    // without an interval of its own that of the pack's area, on the same answers
    const half = hard8.high - hard8.auroc;
    const ends = [surprisal.low ?? surprisal.auroc - half, surprisal.high ?? surprisal.auroc + half];
    return Math.max(...ends.map(either)) >= hard8.tfidf;
  });
  const rho = (value) => (value === null || value === undefined ? "-" : value.toFixed(2).replace(/^-(?=0\.00$)/, ""));
  const token = (one) => (one ? `${rho(one.rho)} (${rho(one.low)} - ${rho(one.high)})` : "-");
  const byToken = known.some(({ report: { surprisal } }) => surprisal.token_complied || surprisal.token_sensitive);
  const say = (list) =>
    list.map(({ name, report: { surprisal } }) => `${area(either(surprisal.auroc))} on \`${name}\``).join(", ");
  return `${reversed.length === 0 ? "" : `An area below one half is one of the contrary: complied answers surprise the model less than those to what looks harmful, and how little they do reaches ${say(reversed)}. `}${
    level.length === 0
      ? "Nowhere does its interval reach TF-IDF."
      : `Its interval reaches TF-IDF, which is to say that the model's own likelihood alone does as well as reading the words, on ${level.map(({ name }) => `\`${name}\``).join(", ")}.`
  }

Rank correlation of the score with the model's own surprise: of an answer's highest score with the mean of its first 32 tokens${
    byToken ? ", and, over tokens, of how far the score moves at a token with how much that token surprises" : ""
  }. Far from zero, the score would be surprise.

${table(
  [
    "organism",
    "within complied answers",
    "within answers to what looks harmful",
    ...(byToken ? ["by token, complied", "by token, what looks harmful"] : []),
  ],
  known.map(({ name, report: { surprisal } }) => [
    `\`${name}\``,
    rho(surprisal.complied),
    rho(surprisal.sensitive),
    ...(byToken ? [token(surprisal.token_complied), token(surprisal.token_sensitive)] : []),
  ]),
)}`;
}
