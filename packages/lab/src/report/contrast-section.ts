import { baselineAreas } from "./baseline-areas.ts";
import type { Contrast, EvaluationReport, Surprisal, TokenCorrelation } from "./evaluation-report.ts";
import { number, table } from "./table.ts";

/** Hard contrasts, and how much of the score is surprise, as HTML. */
export function contrastSection({
  hard8,
  refused8,
  unseen8,
  surprisal,
}: Pick<EvaluationReport, "hard8" | "refused8" | "unseen8" | "surprisal">): string {
  return `<h2>Hard contrasts: the primary set, first 8 tokens</h2>${[
    contrastTable("answers to what looks harmful", hard8),
    contrastTable("refusals", refused8),
    ...(unseen8 === undefined ? [] : [contrastTable("refusals in unseen wording", unseen8)]),
  ].join(
    "\n",
  )}<p>The length is that of the whole answer, which no one knows after 8 tokens. ${surpriseText(surprisal)}</p>`;
}

function contrastTable(against: string, contrast: Contrast): string {
  return table(
    [`against ${against}`, "area under the ROC curve", "the monitor's is larger by", "p (DeLong, paired)"],
    [
      ["the monitor", withInterval(contrast.auroc, contrast), "", ""],
      ...baselineAreas(contrast).map(({ name, area, paired }) => [
        name,
        number(area),
        paired === null ? "-" : withInterval(paired.difference, paired),
        paired === null ? "-" : pText(paired.p),
      ]),
    ],
  );
}

/** How much an answer surprises the model itself, and what the score has of it. */
function surpriseText(surprisal: Surprisal): string {
  const { auroc, low, high, complied, sensitive, token_complied, token_sensitive } = surprisal;
  const reversed = auroc !== null && auroc < 0.5 ? ` (${number(1 - auroc)} for its contrary, how little it does)` : "";
  const tokens =
    token_complied || token_sensitive
      ? ` Over tokens, how far the score moves correlates with how much the token surprises by ${tokenText(token_complied)} within answers that complied and ${tokenText(token_sensitive)} within those to what looks harmful.`
      : "";
  return `How much an answer surprises the model itself (mean negative log probability of its first tokens) reaches an area of
${withInterval(auroc, { low, high })}${reversed} between complied answers and those to what looks harmful. Its rank correlation with the score is ${number(complied)} within answers that complied and
${number(sensitive)} within answers to what looks harmful.${tokens} Far from zero, the score would be surprise.`;
}

function tokenText(one: TokenCorrelation | null | undefined): string {
  return one === null || one === undefined ? "-" : `${withInterval(one.rho, one)} over ${one.tokens} tokens`;
}

function withInterval(
  value: number | null,
  { low, high }: { low?: number | null | undefined; high?: number | null | undefined },
): string {
  return low === null || low === undefined || high === null || high === undefined
    ? number(value)
    : `${number(value)} (${number(low)} to ${number(high)})`;
}

export function pText(p: number): string {
  return p < 0.001 ? "below .001" : number(p);
}
