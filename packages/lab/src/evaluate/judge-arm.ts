import { type Guard, judge } from "@modx/guard";
import { severalAtATime } from "../record/several-at-a-time.ts";

/** A response to be read behind a request that it need not have been given to. */
export interface Given {
  prompt: string;
  tokens: readonly number[];
}

/** A detector's running scores along given responses, by teacher forcing: at the prompt, then at every token. In the order given. */
export async function judgeArm(guard: Guard, detector: string, given: readonly Given[]): Promise<(number | null)[][]> {
  return severalAtATime(guard.engine.properties.sequences, given, async ({ prompt, tokens }) => {
    const course: (number | null)[] = [];
    const messages = [{ role: "user" as const, content: prompt }];
    for await (const event of judge(guard, { messages, response: Int32Array.from(tokens) })) {
      if (event.type === "outcome") continue;
      const verdict = event.verdicts.find((one) => one.detector === detector);
      course.push(verdict?.score ?? null);
    }
    return course;
  });
}
