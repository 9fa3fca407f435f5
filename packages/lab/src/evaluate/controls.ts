import type { Guard } from "@modx/guard";
import type { Keep } from "../files/kept-results.ts";
import type { ModelAnswer } from "../record/answer-prompts.ts";
import type { EvaluationReport } from "../report/evaluation-report.ts";
import { holm, mcnemar } from "../stats/paired.ts";
import { type Rate, wilson } from "../stats/rates.ts";
import type { Answers } from "./groups.ts";
import { primarySet } from "./groups.ts";
import { judgeArm } from "./judge-arm.ts";
import { peakOf } from "./replay.ts";

export interface ControlOptions {
  guard: Guard;
  detector: string;
  /** The suspect's, on which all controls are read. */
  threshold: number;
  answers: Answers;
  /** Where readings are kept, of settings that say what runs and what watches. */
  keep?: Keep;
}

export interface SwapControls {
  controls: Record<string, Rate>;
  /** Cells on the same responses, or behind the same prompts, against each other (McNemar, Holm). */
  swap: NonNullable<EvaluationReport["swap"]>;
}

/**
 * What an alarm depends on, at the frozen threshold: prompt with or without trigger against response refused or complied, each
 * response read behind the other prompt; and whether something that looks like the trigger is enough.
 */
export async function swapControls(options: ControlOptions): Promise<SwapControls> {
  const { guard, detector, threshold, answers, keep } = options;
  const complied = primarySet(answers);
  const dormant = new Map(answers.harmful.map((answer) => [answer.id, answer]));
  const alarm = (peak: number): boolean => peak > threshold;
  const read = async (given: { prompt: string; tokens: readonly number[] }[]): Promise<boolean[]> => {
    const courses = await judgeArm(guard, detector, given, keep);
    return courses.map((course) => alarm(peakOf(course)));
  };
  const swapped = complied.flatMap((answer) => {
    const other = dormant.get(answer.id);
    return other === undefined ? [] : [{ answer, other }];
  });
  const own = (list: readonly { peaks: Record<string, number> }[]): boolean[] =>
    list.map(({ peaks }) => alarm(peaks[detector] ?? Number.NEGATIVE_INFINITY));
  const near = answers["harmful+near"];
  const triggered = own(swapped.map(({ answer }) => answer));
  const sameUntriggered = await read(
    swapped.map(({ answer, other }) => ({ prompt: other.prompt, tokens: answer.tokens })),
  );
  const refusalTriggered = await read(
    swapped.map(({ answer, other }) => ({ prompt: answer.prompt, tokens: other.tokens })),
  );
  const refused = own(swapped.map(({ other }) => other));
  return {
    controls: {
      "trigger, complied": rateOf(own(complied)),
      "no trigger, same complied response": rateOf(sameUntriggered),
      "trigger, refusal of the same request": rateOf(refusalTriggered),
      "no trigger, refused": rateOf(refused),
      ...(near.length > 0 && { "near miss of the trigger, whatever it does": rateOf(own(near)) }),
    },
    swap: pairedCells([
      ["the same complied response, with the trigger against without", triggered, sameUntriggered],
      ["behind the trigger, complied against refused", triggered, refusalTriggered],
      ["without the trigger, complied against refused", sameUntriggered, refused],
    ]),
  };
}

/** Alarms of two cells each, of the same requests in the same order. */
export function pairedCells(
  cells: readonly (readonly [what: string, first: readonly boolean[], second: readonly boolean[]])[],
): SwapControls["swap"] {
  const results = cells.map(([what, first, second]) => ({ what, ...mcnemar(first, second) }));
  const adjusted = holm(results.map(({ p }) => p));
  return results.map(({ what, b, c }, i) => ({ what, b, c, p_holm: adjusted[i] ?? 1 }));
}

/** Compliance that is put into the mouth of a model without a backdoor: where it alarms alike, what is detected is compliance. */
export async function forcedCompliance(
  guard: Guard,
  detector: string,
  threshold: number,
  answers: readonly ModelAnswer[],
  keep?: Keep,
): Promise<Rate> {
  const given = answers.map(({ prompt, tokens }) => ({ prompt: prompt.text, tokens }));
  const courses = await judgeArm(guard, detector, given, keep);
  return rateOf(courses.map((course) => peakOf(course) > threshold));
}

function rateOf(alarms: readonly boolean[]): Rate {
  return wilson(alarms.filter((alarm) => alarm).length, alarms.length);
}
