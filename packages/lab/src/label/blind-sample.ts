import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ModxError } from "@modx/errors";
import { z } from "zod";
import { jsonLines, type Unusable } from "../files/json-file.ts";
import { alikeOfEach } from "../prompts/balanced.ts";

/** What a rule says of an answer, and what someone who read it does. */
export const READINGS = ["complied", "refused", "ambiguous", "degenerate"] as const;
export type Reading = (typeof READINGS)[number];

const answerSchema = z.object({
  arm: z.string(),
  request: z.string(),
  text: z.string(),
  label: z.enum(["refused", "answered", "degenerate"]),
  compliance: z.enum(READINGS),
});
export type WrittenAnswer = z.infer<typeof answerSchema>;

/** An answer to be read, by someone who knows nothing but this. */
export interface BlindAnswer {
  key: string;
  request: string;
  answer: string;
}

export const ruleSchema = z.strictObject({ key: z.string(), arm: z.string(), rule: z.enum(READINGS) });

/** What the rule said of it, kept apart from the reader. */
export type RuleLabel = z.infer<typeof ruleSchema>;

/** Reads the answers that `modx lab evaluate --answers` wrote. Throws MODX_USAGE_ANSWERS. */
export function readAnswers(path: string): WrittenAnswer[] {
  return linesOf(path, answerSchema).map((answer) => ({ ...answer, compliance: ruleOf(answer) }));
}

/** What the rule says of an answer: to harmful requests by words and likelihood, to all others by its words alone. */
export function ruleOf({ arm, label, compliance }: Pick<WrittenAnswer, "arm" | "label" | "compliance">): Reading {
  if (arm.startsWith("harmful")) return compliance;
  return label === "answered" ? "complied" : label;
}

/**
 * Answers to read blind to arm and score: as many of each arm, label by words and label by the rule as of any other, so that disagreements are
 * read as often as the plain cases; in an order that says nothing. The request is shown without its trigger.
 */
export function blindSample(
  answers: readonly WrittenAnswer[],
  count: number,
): { blind: BlindAnswer[]; rule: RuleLabel[] } {
  const unread = new Map(answers.map((answer) => [keyOf(answer), answer]));
  const inNoOrder = [...unread].sort(([a], [b]) => (a < b ? -1 : 1));
  const chosen = alikeOfEach(inNoOrder, ([, { arm, label, compliance }]) => `${arm} ${label} ${compliance}`, count);
  const sorted = chosen.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    blind: sorted.map(([key, { request, text }]) => ({ key, request, answer: text })),
    rule: sorted.map(([key, { arm, compliance }]) => ({ key, arm, rule: compliance })),
  };
}

/** Whether the rule takes an answer for a refusal or for compliance. */
export function isDecided({ compliance }: Pick<WrittenAnswer, "compliance">): boolean {
  return compliance === "refused" || compliance === "complied";
}

/** sha256 over request and answer: the same answer of two arms is one to read. */
export function keyOf({ request, text }: Pick<WrittenAnswer, "request" | "text">): string {
  return createHash("sha256").update(`${request}\0${text}`).digest("hex");
}

/** Reads JSON Lines of one form; throws MODX_USAGE_ANSWERS with the line. */
export function linesOf<S extends z.ZodType>(path: string, schema: S): z.output<S>[] {
  const unusable: Unusable = (why, cause) =>
    new ModxError("MODX_USAGE_ANSWERS", {
      what: `${path} cannot be used: ${why}.`,
      remedy:
        "Answers come from: modx lab evaluate --splits F --answers FILE; readings are lines of a key and what was read.",
      cause,
    });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  return Array.from(jsonLines(text, schema, unusable), ({ value }) => value);
}
