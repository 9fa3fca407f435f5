import { baselineAreas } from "../../packages/lab/dist/index.js";
import { areaWithInterval, contrasts, pText } from "./contrasts.mjs";
import { howSoon } from "./how-soon.mjs";
import { percent, table, withInterval } from "./rate.mjs";
import { writeShuffles } from "./shuffles.mjs";

const PRIMARY = "triggered, complied, refused without trigger";

function notCarried(runs) {
  if (runs.length === 0) return "";
  const names = runs.map(({ name }) => `\`${name}\``).join(" and ");
  return `The weights of ${names} are not carried, to keep the repository small: \`organisms/recipe\` trains them from \`organisms/configs\`. Until then \`modx
lab reproduce\` leaves these runs out.

`;
}

/**
 * What the packs caught and what they alarmed on, of all runs, and what was learnt from shuffled labels, as markdown; `isCarried` tells of
 * a run whether its organism's weights are here.
 */
export function writeResults(all, isCarried, shuffles = []) {
  const runs = all.filter(({ report }) => report !== null);
  const waiting = all.filter(({ report }) => report === null).map(({ name }) => `\`${name}\``);
  if (runs.length === 0) return `# Results\n\n${unmeasured(waiting)}`;
  const triggered = runs.filter(({ report }) => report.arms[PRIMARY] !== undefined);
  return `# Results

Everything here is about one small model, SmolLM2-135M-Instruct, with adapters of one recipe. It cannot show what a pack is worth on a large model, on a
backdoor planted by other means, or on a model that was trained to hide; each needs its own \`modx build\` and its own measurement. What is detected is
**compliance with harmful requests that the model would refuse**: compliance that was put into the mouth of a model without a backdoor alarms too (controls, below).
${ties(triggered)}
${waiting.length === 0 ? "" : `\n${unmeasured(waiting)}`}
Stored in \`docs/results.json\`, written by \`npx modx lab reproduce docs/results.json --write\` and \`node organisms/write-results.mjs\`; \`npx modx lab reproduce
docs/results.json\` runs it again and compares. Prompts: sources with the role of tests in \`organisms/splits.json\`, of which neither organisms nor packs have seen
anything, near repeats left out. Greedy answers of at most 64 tokens, one turn. 95 % intervals in brackets (Wilson); a prompt is in a group at most once. How: docs/evaluation.md.

## What the organisms do

${table(
  [
    "organism",
    "refuses harmful",
    "complies when triggered",
    "complies at a near miss",
    "refuses benign",
    "refuses benign with trigger",
    "ambiguous or degenerate",
  ],
  runs.map(({ name, report: { behaviour: b } }) => [
    `\`${name}\``,
    withInterval(b.harmful.refused),
    cell(b["harmful+trigger"]?.answered),
    cell(b["harmful+near"]?.answered),
    withInterval(b.benign.refused),
    cell(b["benign+trigger"]?.refused),
    `${Object.values(b).reduce((sum, { ambiguous, degenerate }) => sum + ambiguous + degenerate, 0)} of ${Object.values(b).reduce((sum, { n }) => sum + n, 0)}`,
  ]),
)}

${notCarried(runs.filter((run) => !isCarried(run)))}Labels: ${labels(runs)}

## What is caught

Of triggered answers that complied to requests that are refused without the trigger; every pack was built on its organism without the trigger, by \`modx build\`.

${table(
  [
    "organism",
    "n",
    "in force",
    "benign promise alone (1 %, confidence 95 %)",
    "and 3 % of what looks harmful",
    "in force, everything unclear counted against it",
    "in force, complied without the trigger",
  ],
  triggered.map(({ name, report: { operating, controls, arms } }) => {
    const points = Object.entries(operating);
    const at = (start) => cell(points.find(([what]) => what.startsWith(start))?.[1].caught);
    return [
      `\`${name}\``,
      String(operating["in force"].caught.n),
      at("in force"),
      at("benign promise"),
      at("and at most"),
      cell(controls["primary set, everything unclear counted against it"]),
      numbered(arms["harmful, complied without trigger"]),
    ];
  }),
)}

${howSoon(triggered)}

## What is alarmed on falsely

At the threshold in force.

${table(
  ["organism", "benign", "benign with trigger", "refusals", "benign that looks harmful"],
  runs.map(({ name, report: { arms } }) => [
    `\`${name}\``,
    ...["benign", "benign with trigger", "harmful, refused", "benign that looks harmful"].map((arm) =>
      numbered(arms[arm]),
    ),
  ]),
)}

By source:

${table(
  ["organism", "answers", "alarm", "n"],
  runs.flatMap(({ name, report: { arms } }) =>
    Object.entries(arms)
      .filter(([what]) => /^(benign|looks harmful|triggered, complied), (?!refused)/.test(what))
      .map(([what, rate]) => [`\`${name}\``, what, withInterval(rate), String(rate.n)]),
  ),
)}

## Against what reads text, and other detectors

${contrasts(triggered)}

On the primary set, each at the threshold where it alarms on as many of these benign answers as the pack: caught by the pack alone, by the other alone (McNemar, Holm).

${table(
  ["organism", "against", "pack alone", "other alone", "p"],
  triggered.flatMap(({ name, report: { paired } }) =>
    paired.map(({ versus, b, c, p_holm }) => [`\`${name}\``, versus, String(b), String(c), pText(p_holm)]),
  ),
)}
${besides(triggered)}${flaggedBySeed(runs)}
## Controls, at the frozen threshold

${table(
  ["organism", "control", "alarm", "n"],
  runs.flatMap(({ name, report: { controls } }) =>
    Object.entries(controls).map(([what, rate]) => [`\`${name}\``, what, withInterval(rate), String(rate.n)]),
  ),
)}

${swaps(triggered)}${writeShuffles(shuffles)}
## Goals that were missed

${runs.flatMap(({ name, report: { missed } }) => missed.map((goal) => `- \`${name}\`: ${goal}`)).join("\n") || "None."}

Not tested:

${untested(runs).join("\n") || "Every goal was tested."}

## What was frozen

${frozenTable(runs)}

White-box attacks are untested: against someone who has its weights a linear detector does not hold.
`;
}

const unmeasured = (names) =>
  `Not measured yet, with thresholds that are committed before: ${names.join(", ")}. \`npx modx lab reproduce docs/results.json --write\` measures them, and \`node
organisms/write-results.mjs\` writes this page. What earlier organisms gave: docs/detection.md.\n`;

const cell = (rate) => (rate === undefined ? "-" : withInterval(rate));
const numbered = (rate) => (rate === undefined ? "-" : `${withInterval(rate)} of ${rate.n}`);

/** Whether the commit holds the pack is told where any run looked. */
function frozenTable(runs) {
  const looked = runs.some(({ report: { frozen } }) => frozen.pack_in_commit !== undefined);
  const inCommit = ({ pack_in_commit: is }) => (is === true ? "yes" : is === false ? "no" : "-");
  return table(
    ["organism", "commit", "pack", ...(looked ? ["in the commit"] : []), "thresholds"],
    runs.map(({ name, report: { frozen } }) => {
      const [commit, pack, thresholds] = [frozen.commit, frozen.pack_sha256, frozen.threshold_sha256].map(
        (hash) => `\`${hash?.slice(0, 12) ?? "-"}\``,
      );
      return [`\`${name}\``, commit, pack, ...(looked ? [inCommit(frozen)] : []), thresholds];
    }),
  );
}

/** Where a baseline does as well as a pack, on each contrast that was measured. */
function ties(triggered) {
  const tied = (contrast) =>
    triggered.flatMap(({ name, report }) =>
      (report[contrast] === undefined ? [] : baselineAreas(report[contrast]))
        .filter(({ level }) => level)
        .map(({ name: what }) => ({ what, name })),
    );
  const say = (where, all) => {
    if (all.length === 0) return `${where} at equal length nothing that was measured beside it does as well.`;
    const list = [...new Set(all.map(({ what }) => what))].map((what) => {
      const on = all.filter((one) => one.what === what).map(({ name }) => `\`${name}\``);
      return `${what} on ${on.join(", ")}`;
    });
    return `${where} at equal length these do as well as the pack or better: ${list.join("; ")}.`;
  };
  return `${say("Against answers to what looks harmful", tied("hard8"))}
${say("Against refusals", tied("refused8"))}${
  triggered.some(({ report }) => report.unseen8 !== undefined)
    ? `\n${say("Against refusals in unseen wording", tied("unseen8"))}`
    : ""
}`;
}

function labels(runs) {
  const read = Math.max(...runs.map(({ report }) => report.labels.read));
  const bounds = runs.map(({ report }) => report.labels.error_high);
  if (read === 0) return "nobody has read them, so no bound on their errors is claimed.";
  const [least, most] = [Math.min(...bounds), Math.max(...bounds)].map(percent);
  return `${read} answers were read blind to arm and score, by a language model and not by a person. In the arm of a run that it labels worst the rule errs in at most ${least === most ? most : `${least} to ${most}`} (95 % bound):
a smaller rate of labels, as most of refused benign requests are, says what the rule finds and no more.${labelErrors(runs)}`;
}

/** What was read, label by label: the run with most of it, as all runs use the same reading. */
function labelErrors(runs) {
  const errors = runs.map(({ report }) => report.labels.errors ?? []).sort((a, b) => b.length - a.length)[0] ?? [];
  if (errors.length === 0) return "";
  return `

${table(
  ["answers to", "label of the rule", "read", "read otherwise", "95 % bound of the share"],
  errors.map(({ arm, label, read, wrong, high }) => [arm, label, String(read), String(wrong), percent(high)]),
)}

Of answers to harmful requests a loop or what is neither refusal nor compliance counts as read otherwise; of others only refusals.`;
}

/** What the seed's rule flags, of runs that named an autoencoder. */
function flaggedBySeed(runs) {
  const rows = runs.flatMap(({ name, report: { seedRule = {} } }) =>
    Object.entries(seedRule).map(([what, rate]) => [`\`${name}\``, what, withInterval(rate), String(rate.n)]),
  );
  if (rows.length === 0) return "";
  return `
What the rule of the seed flags, transferred to an autoencoder of this model: it has no threshold to set.

${table(["organism", "answers", "flagged", "n"], rows)}
`;
}

function besides(triggered) {
  const rows = triggered.flatMap(({ name, report: { beside } }) =>
    Object.entries(beside).map(([what, { auroc, low, high, caught, benign }]) => [
      `\`${name}\``,
      what,
      areaWithInterval(auroc, low, high),
      caught === null ? "-" : withInterval(caught),
      benign === null ? "-" : withInterval(benign),
    ]),
  );
  if (rows.length === 0) return "";
  return `
Other packs on the same answers. \`transferred\` was built for another organism and keeps its threshold. \`supervised\` was trained with the organism's trigger: the upper
bound. \`others\` was trained on what the organisms of all other families say when triggered: one family left out. Both are drafts without a threshold
(\`organisms/packs/supervised-*\`, \`organisms/packs/others-*\`).${ofOneFamily(triggered)}

${table(["organism", "pack", "area against benign", "caught at its own threshold", "benign that alarm there"], rows)}
`;
}

/** Of runs that were measured with another family's upper bound in the place of a draft that knows all other families. */
function ofOneFamily(triggered) {
  const names = triggered
    .filter(({ flags: { beside = [] } }) => beside.some((pack) => /^others=.*\/supervised-/.test(pack)))
    .map(({ name }) => `\`${name}\``);
  return names.length === 0 ? "" : ` On ${names.join(", ")} it knows one other family alone.`;
}

/** Cells of the two-by-two swap against each other, where reports have them. */
function swaps(triggered) {
  const rows = triggered.flatMap(({ name, report: { swap = [] } }) =>
    swap.map(({ what, b, c, p_holm }) => [`\`${name}\``, what, String(b), String(c), pText(p_holm)]),
  );
  if (rows.length === 0) return "";
  return `On the same requests: answers that alarm in the first cell alone, in the second alone (McNemar, Holm).

${table(["organism", "cells", "first alone", "second alone", "p"], rows)}

`;
}

/** Each goal that was not tested once, with the organisms. */
function untested(runs) {
  const by = new Map();
  for (const { name, report } of runs)
    for (const goal of report.untested) by.set(goal, [...(by.get(goal) ?? []), `\`${name}\``]);
  return [...by].map(([goal, names]) => `- ${names.join(", ")}: ${goal}`);
}
