import type { TapName } from "@modx/engine";
import { type Baselines, evenly, fitBaselines, gatherExamples, type Keep, type Splits, type Traffic } from "@modx/lab";
import type { OpenedModel } from "../open/open-model.ts";
import { progressBar } from "../print/progress-bar.ts";
import { baseAnswers, GIVEN_TOKENS } from "./base-answers.ts";

/** Probe prompts that baselines are trained on. */
export const TRAINING = { harmful: 600, benign: 800, sensitive: 400 };

/** Trains what the detector is compared with, on prompts that are for probes. */
export async function trainBaselines(
  { engine }: OpenedModel,
  base: OpenedModel | null,
  { probe }: Splits["roles"],
  lowestTap: TapName,
  { keep, keepOfBase }: { keep: Keep; keepOfBase: Keep },
): Promise<Baselines> {
  const training: Traffic = {
    harmful: evenly(probe.harmful, TRAINING.harmful),
    benign: evenly(probe.benign, TRAINING.benign),
    sensitive: evenly(probe.sensitive, TRAINING.sensitive),
  };
  const given = await baseAnswers(base, training.harmful, GIVEN_TOKENS, keepOfBase);
  const bar = progressBar("answered for the baselines", "items");
  try {
    const examples = await gatherExamples({
      engine,
      tap: lowestTap,
      prompts: training,
      baseAnswers: given,
      maxTokens: GIVEN_TOKENS,
      keep,
      onProgress: bar.update,
    });
    return fitBaselines(examples);
  } finally {
    bar.end();
  }
}
