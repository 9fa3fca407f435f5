import { type Guard, generate } from "@modx/guard";
import { FeatureList, indexRows } from "@modx/monitor";
import type { DetectorSpec, FeatureListSpec, QuarantinedFeature } from "@modx/pack";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import { quantile } from "../stats/bootstrap.ts";

/** Share of benign answers whose highest activation of a feature counts for nothing. */
const FLOOR_SHARE = 0.95;

type Tail = NonNullable<QuarantinedFeature["tail"]>;

/** Whether a detector lists features of which it is not known how active benign answers make them. */
export function lacksTails(spec: DetectorSpec): spec is FeatureListSpec {
  return spec.algorithm === "feature-list" && spec.features.some(({ tail }) => tail === null);
}

/**
 * The detectors with what benign answers reach in every listed feature. `guard` watches with the one pack whose detectors these are; the
 * answers must not be calibrated on again. What each reached is kept, where `keep` keeps anything.
 */
export async function measureTails(
  guard: Guard,
  specs: readonly DetectorSpec[],
  benign: readonly Prompt[],
  length: number,
  keep: Keep = keepNothing,
): Promise<DetectorSpec[]> {
  const rows = indexRows(guard.engine.rowNames);
  const lists = specs.map((spec) => (lacksTails(spec) ? new FeatureList(spec, rows) : null));
  const reached = async (text: string): Promise<(number | null)[][]> => {
    const runs = lists.map((list) => list?.start());
    for await (const event of generate(guard, { messages: [{ role: "user", content: text }], maxTokens: length }))
      if (event.type === "token") for (const run of runs) run?.token(event.readings);
    return runs.map((run) => run?.peaks() ?? []);
  };
  const answers = await severalAtATime(guard.engine.properties.sequences, benign, async ({ text }) => {
    const { tokens } = await guard.engine.prompt([{ role: "user", content: text }]);
    return keep({ arm: "peaks", text, tokens: [...tokens], length }, () => reached(text));
  });
  return specs.map((spec, index) => {
    if (!lacksTails(spec)) return spec;
    const tails = tailsOf(spec.features.map((_, i) => answers.flatMap((peaks) => peaks[index]?.[i] ?? [])));
    return { ...spec, features: spec.features.map((feature, i) => ({ ...feature, tail: tails[i] ?? null })) };
  });
}

/** From each feature's highest activations in benign answers to its tail. One that is silent in all of them gets the others' usual scale. */
export function tailsOf(peaks: readonly (readonly number[])[]): Tail[] {
  const found = peaks.map((values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const floor = sorted.length === 0 ? 0 : quantile(sorted, FLOOR_SHARE);
    const above = sorted.filter((value) => value > floor);
    const scale = above.reduce((sum, value) => sum + value - floor, 0) / Math.max(1, above.length);
    return { floor, scale };
  });
  const scales = found.flatMap(({ scale }) => (scale > 0 ? [scale] : [])).sort((a, b) => a - b);
  const usual = scales.length === 0 ? 1 : quantile(scales, 0.5);
  return found.map(({ floor, scale }) => ({ floor, scale: scale > 0 ? scale : usual }));
}
