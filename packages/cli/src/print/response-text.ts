import { type GuardEvent, leading, type Outcome, type Policy } from "@modx/guard";
import type { Verdict } from "@modx/monitor";

/** Colours of the terminal's own palette, so that they suit its background. */
const RESET = "\x1b[0m";
const DIM = "\x1b[2m";
const BOLD = "\x1b[1m";
const GREEN = "\x1b[32m";
const YELLOW = "\x1b[33m";
const RED = "\x1b[31m";

/** Below its threshold by more than this, a score is far from an alarm (green); nearer it is yellow. In logits. */
const NEAR = 2;

export interface TextOptions {
  policy: Policy;
  reveal: boolean;
  colour: boolean;
}

/** What a person at a terminal sees of one event. */
export function responseText(event: GuardEvent, options: TextOptions): string {
  if (event.type === "prompt") return "";
  if (event.type === "outcome") return outcomeText(event, options);
  const verdict = leading(event.verdicts);
  if (event.released) return paint(event.text, colourOf(verdict), options);
  return options.reveal ? paint(`[${event.text}]`, RED, options) : "";
}

function colourOf(verdict: Verdict | undefined): string {
  if (verdict?.score == null) return "";
  if (verdict.level === "alarm") return RED;
  return verdict.score > verdict.threshold - NEAR ? YELLOW : GREEN;
}

function outcomeText(outcome: Outcome, options: TextOptions): string {
  const { alarm, intent, peak } = outcome;
  const lines = [outcome.tail];
  if (alarm !== null) {
    const at = alarm.token < 0 ? "in the prompt, before any token" : `at token ${alarm.token}`;
    lines.push(
      paint(`ALARM ${at}: ${alarm.detector} ${number(alarm.score)} > ${number(alarm.threshold)}`, BOLD + RED, options),
    );
    lines.push(`  why: ${why(alarm)}`);
    lines.push(`  policy ${options.policy.action}: ${consequence(outcome, options)}`);
  } else if (peak !== null) {
    lines.push(
      paint(
        `no alarm: highest ${number(peak.score)}, threshold ${number(peak.threshold)} (${peak.detector})`,
        DIM,
        options,
      ),
    );
  }
  if (alarm === null && intent !== null) {
    lines.push(paint(`intent: ${intent.detector} ${number(intent.score)} (logged, never alarmed on)`, DIM, options));
  }
  const judged = alarm ?? peak;
  if (judged !== null && !judged.calibration.holds) {
    lines.push(paint(`  not calibrated here: ${judged.calibration.reasons.join(", ")}`, YELLOW, options));
  }
  return `${lines.join("\n")}\n`;
}

function consequence({ released, finish, generated }: Outcome, { reveal }: TextOptions): string {
  const out = `${released} token${released === 1 ? "" : "s"} let out`;
  if (finish !== "halted") return `${out}, nothing withheld`;
  if (generated === released) return `${out}, nothing generated`;
  return `${out}, ${generated - released} withheld${reveal ? "" : " (--reveal shows them)"}`;
}

/** The parts of a score, largest contribution first. */
function why(verdict: Verdict): string {
  return [...verdict.why]
    .sort((a, b) => Math.abs(b.contribution ?? 0) - Math.abs(a.contribution ?? 0))
    .map(({ name, contribution }) => `${name} ${(contribution ?? 0) >= 0 ? "+" : ""}${number(contribution)}`)
    .join(", ");
}

function number(value: number | null): string {
  return value === null ? "-" : value.toFixed(2);
}

function paint(text: string, colour: string, { colour: wanted }: TextOptions): string {
  return wanted && colour !== "" && text !== "" ? `${colour}${text}${RESET}` : text;
}
