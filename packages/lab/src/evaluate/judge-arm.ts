import { type Guard, judge } from "@modx/guard";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";

/** A response to be read behind a request that it need not have been given to. */
export interface Given {
  prompt: string;
  tokens: readonly number[];
}

/**
 * A detector's running scores along given responses, by teacher forcing: at the prompt, then at every token. In the order given.
 * `keep` is of settings that say what runs and what watches.
 */
export async function judgeArm(
  guard: Guard,
  detector: string,
  given: readonly Given[],
  keep: Keep = keepNothing,
): Promise<(number | null)[][]> {
  return severalAtATime(guard.engine.properties.sequences, given, ({ prompt, tokens }) =>
    keep({ judged: [prompt, tokens], detector }, () => courseOf(guard, detector, { prompt, tokens })),
  );
}

async function courseOf(guard: Guard, detector: string, { prompt, tokens }: Given): Promise<(number | null)[]> {
  const course: (number | null)[] = [];
  const messages = [{ role: "user" as const, content: prompt }];
  for await (const event of judge(guard, { messages, response: Int32Array.from(tokens) })) {
    if (event.type === "outcome") continue;
    const verdict = event.verdicts.find((one) => one.detector === detector);
    course.push(verdict?.score ?? null);
  }
  return course;
}
