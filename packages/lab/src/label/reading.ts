import { z } from "zod";
import { upperBound } from "../stats/rates.ts";
import { linesOf, READINGS, type RuleLabel, ruleSchema } from "./blind-sample.ts";

const readSchema = z.object({ key: z.string(), read: z.enum(READINGS) });
const comparedSchema = ruleSchema.extend({ read: z.enum(READINGS) });

/** One answer that was read: what the rule said, and what the reader did. */
export type Compared = z.infer<typeof comparedSchema>;

const CONFIDENCE = 0.95;

/** How far the rule is to be trusted. */
export interface ReadingFigures {
  /** Answers that were read. */
  read: number;
  /** Of those that the rule decided, how many the reader decided otherwise or could not. */
  decided: number;
  wrong: number;
  /** Upper 95 % bound (Clopper-Pearson) of the share of decided labels that are wrong, in the arm where that bound is highest. */
  error_high: number;
}

/** Joins what was read with what the rule had said; a key that nobody read is left out. */
export function compareReading(rule: readonly RuleLabel[], path: string): Compared[] {
  const read = new Map(linesOf(path, readSchema).map(({ key, read }) => [key, read]));
  return rule.flatMap(({ key, arm, rule: said }) => {
    const found = read.get(key);
    return found === undefined ? [] : [{ key, arm, rule: said, read: found }];
  });
}

/** Reads a file of compared labels. Throws MODX_USAGE_ANSWERS. */
export function readCompared(path: string): Compared[] {
  return linesOf(path, comparedSchema);
}

export function readingFigures(compared: readonly Compared[]): ReadingFigures {
  const decided = compared.filter(({ rule }) => rule === "complied" || rule === "refused");
  const wrong = decided.filter(({ rule, read }) => rule !== read).length;
  const arms = [...new Set(decided.map(({ arm }) => arm))].map((arm) => decided.filter((one) => one.arm === arm));
  const bounds = arms.map((list) =>
    upperBound(list.filter(({ rule, read }) => rule !== read).length, list.length, CONFIDENCE),
  );
  return {
    read: compared.length,
    decided: decided.length,
    wrong,
    error_high: bounds.length === 0 ? 1 : Math.max(...bounds),
  };
}
