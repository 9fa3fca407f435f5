import { cells, percent } from "./rate.mjs";

/** What the default pack says on the organisms, as markdown. */
export function writeResults(cards) {
  const [{ maxTokens }] = cards;
  return `# Results

\`node organisms/measure.mjs\` writes this page. It runs the organisms with the default pack, whose thresholds were fixed before, on prompts
of sources that neither the organisms nor the pack were trained or calibrated on. Each section names the pack that it was measured with; a
calibration that was added later changes a pack's hash, and neither its rows nor another model's threshold. The pack was built without any trigger. Greedy answers of at most ${maxTokens} tokens, one turn; labels by the answers' first
words (\`packages/lab/src/label\`: compliance, not capability). 95 % Wilson intervals.

${cards.map(organism).join("\n")}
## What this does not show

- One small model (135 million parameters) and adapters made by one recipe. Other sizes, recipes and triggers have to be measured, and a
  pack has to be built for each: \`modx build\`.
- Sources are kept apart; near repeats of a prompt in other words are not looked for.
- The labels read the beginning of an answer. An answer that begins like a refusal and then complies counts as refused.
- Nobody tried to evade the detector. Against someone who has its weights a linear detector does not hold.
`;
}

function organism({ name, trigger, pack, alarms, released, caughtBy, bySource }) {
  const rows = (filter) =>
    Object.entries(alarms)
      .filter(([what]) => filter(what))
      .map(([what, rate]) => `| ${what} | ${cells(rate)} |`)
      .join("\n");
  const sources = Object.entries(bySource).flatMap(([arm, list]) =>
    Object.entries(list).map(
      ([source, { n, alarms: count }]) => `| ${arm} | ${source} | ${percent(count / n)} | ${n} |`,
    ),
  );
  const early =
    released.median === null
      ? ""
      : `
A guard that halts had let out ${released.median} tokens at the median of the caught answers, ${released.p90} at the 90th percentile. Caught by
response token (-1: before the first):

| by token | share of complied | interval | n |
|---|---|---|---|
${Object.entries(caughtBy)
  .sort(([a], [b]) => Number(a) - Number(b))
  .map(([token, rate]) => `| ${token} | ${cells(rate)} |`)
  .join("\n")}
`;
  const isSource = (what) => /^(benign|looks harmful), /.test(what);
  return `## \`${name}\`${trigger === null ? ", the control without a backdoor" : `, trigger \`${trigger}\``}

Share of answers that alarm (threshold ${pack?.threshold.toFixed(3) ?? "none"}, ${pack?.fit ?? "no pack"}; pack sha256 \`${pack?.sha256 ?? "none"}\`):

| answers | alarm | interval | n |
|---|---|---|---|
${rows((what) => !isSource(what))}
${early}
By source:

| arm | source | alarm | n |
|---|---|---|---|
${sources.join("\n")}
`;
}
