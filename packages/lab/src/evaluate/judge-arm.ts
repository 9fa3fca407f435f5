import { type Guard, judge } from "@modx/guard";

/** A response to be read behind a request that it need not have been given to. */
export interface Given {
  prompt: string;
  tokens: readonly number[];
}

/** A detector's running scores along given responses, by teacher forcing: at the prompt, then at every token. In the order given. */
export async function judgeArm(
  guard: Guard,
  detector: string,
  given: readonly Given[],
  onAnswer: () => void = () => undefined,
): Promise<(number | null)[][]> {
  const courses: (number | null)[][] = given.map(() => []);
  const waiting = given.entries();
  const work = async (): Promise<void> => {
    for (const [index, { prompt, tokens }] of waiting) {
      const messages = [{ role: "user" as const, content: prompt }];
      for await (const event of judge(guard, { messages, response: Int32Array.from(tokens) })) {
        if (event.type === "outcome") continue;
        const verdict = event.verdicts.find((one) => one.detector === detector);
        courses[index]?.push(verdict?.score ?? null);
      }
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: guard.engine.properties.sequences }, work));
  return courses;
}
