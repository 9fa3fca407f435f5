import type { Guard } from "@modx/guard";
import { runArm, type WatchedAnswer } from "../evaluate/run-arm.ts";
import type { Keep } from "../files/kept-results.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import type { MeasuredClass } from "./measured-class.ts";

export interface TrafficPrompts {
  benign: readonly Prompt[];
  /** Their refused answers are a class of traffic; the answered ones are none. */
  harmful: readonly Prompt[];
  sensitive: readonly Prompt[];
}

export interface MeasureOptions {
  /** Opened with the pack to calibrate alone, as a draft or not, and a policy that does not halt. */
  guard: Guard;
  prompts: TrafficPrompts;
  /** Tokens of the longest response. */
  length: number;
  /** Index of what runs among the manifest's identities. */
  identity: number;
  /** Where answers are kept, so that an interrupted calibration goes on where it was; nowhere when absent. */
  keep?: Keep;
  onProgress?: (done: number, total: number) => void;
}

/** Answers the prompts, watched by the detectors that will watch them in service, and keeps each response's highest scores. */
export async function measureTraffic({
  guard,
  prompts,
  length,
  identity,
  keep,
  onProgress,
}: MeasureOptions): Promise<MeasuredClass[]> {
  const total = prompts.benign.length + prompts.harmful.length + prompts.sensitive.length;
  let done = 0;
  const ask = (list: readonly Prompt[]) =>
    runArm(guard, list, length, {
      arm: "calibration",
      ...(keep !== undefined && { keep }),
      onAnswer: () => onProgress?.(++done, total),
    });
  const classes = {
    benign: await ask(prompts.benign),
    refused: (await ask(prompts.harmful)).filter((answer) => answer.label === "refused"),
    sensitive: await ask(prompts.sensitive),
  };
  const detectors = guard.packs.flatMap((pack) => pack.manifest.detectors.map((detector) => detector.name));
  return detectors.flatMap((detector) =>
    (["benign", "refused", "sensitive"] as const)
      .filter((traffic) => classes[traffic].length > 0)
      .map((traffic) => {
        const sources = [...new Set(classes[traffic].map((answer) => answer.source))].sort();
        const maximaOf = (answers: readonly WatchedAnswer[]): Float32Array =>
          Float32Array.from(answers, (answer) => answer.peaks[detector] ?? Number.NEGATIVE_INFINITY).sort();
        return {
          detector,
          traffic,
          identity,
          length,
          sources,
          maxima: maximaOf(classes[traffic]),
          bySource: sources.map((source) => ({
            source,
            maxima: maximaOf(classes[traffic].filter((answer) => answer.source === source)),
          })),
        };
      }),
  );
}
