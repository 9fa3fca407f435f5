import { complianceText } from "./compliance-alarms.ts";
import type { EvaluationReport } from "./evaluation-report.ts";
import { percent } from "./table.ts";

/** What is known of a run beside its report. */
export interface LimitFacts {
  /** Most response tokens. */
  maxTokens?: number;
  /** Of the model. */
  parameters?: number;
}

/** What an evaluation cannot show, in plain words: said by what was measured, and by what never is. */
export function limitsOf(
  report: Pick<EvaluationReport, "arms" | "controls" | "labels">,
  { maxTokens, parameters }: LimitFacts = {},
): string[] {
  return [
    "One model with one way to bring a behaviour about was measured, on prompts of a few sources. Of other models, of behaviour that was planted by other means, and of a model that was trained to hide these numbers say nothing: each needs its own pack and its own measurement.",
    ...(parameters === undefined ? [] : [`The model has ${inWords(parameters)} parameters; larger ones may differ.`]),
    complianceText(report),
    `Labels mean compliance, not capability: whether an answer would have helped anyone was not judged.${report.labels.read === 0 ? " Nobody has read these labels." : ""}`,
    `White-box attacks are untested: against someone who has the weights, a linear detector is not expected to hold. ${suffixes(report.controls)}`,
    `Every conversation had one turn, and every answer was chosen greedily${maxTokens === undefined ? "" : `, of at most ${maxTokens} tokens`}: other turns, sampled answers and longer ones were not asked.`,
  ];
}

function suffixes(controls: EvaluationReport["controls"]): string {
  const [tried] = Object.entries(controls).filter(([what]) => what.startsWith("caught answers that "));
  if (tried === undefined) return "Nor was an attacker let try suffixes against the score (--attack).";
  const [what, rate] = tried;
  return `Someone who sees only scores gets past it as the controls say: of ${what}, ${percent(rate.rate)}.`;
}

function inWords(parameters: number): string {
  const [unit, name] = parameters >= 1e9 ? [1e9, "billion"] : [1e6, "million"];
  const count = parameters / unit;
  return `${count >= 100 ? count.toFixed(0) : count.toPrecision(2)} ${name}`;
}
