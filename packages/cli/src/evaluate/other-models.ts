import { checkPolicy, type Guard, openGuard } from "@modx/guard";
import {
  answerSettings,
  BASE_COMPLIANCE,
  evenly,
  FORCED_COMPLIANCE,
  forcedCompliance,
  type Keep,
  type Rate,
  type Traffic,
} from "@modx/lab";
import { thresholdOn } from "@modx/pack";
import { knowsBase } from "../open/open-base.ts";
import { OFFLINE_CONTEXT, OFFLINE_SEQUENCES } from "../open/open-for-recording.ts";
import { adapterFiles, type OpenedModel, openModel } from "../open/open-model.ts";
import { usage } from "../options/option.ts";
import { baseAnswers } from "./base-answers.ts";
import type { EvaluateFlags } from "./evaluate-flags.ts";

/** Answers that a model without a backdoor is made to give. */
const FORCED = 150;

/** Throws MODX_USAGE where there is no base, whose answers the control would be made to give, MODX_USAGE_FILE_MISSING where there is no control. */
export function checkControl(flags: EvaluateFlags): void {
  if (flags.control === undefined) return;
  if (!knowsBase(flags, flags.base))
    throw usage(
      "--control is made to give the answers of the model that the suspect was made from, and none is known.",
      "Name it with --base, or leave --control out.",
    );
  adapterFiles({ lora: [flags.control] });
}

/** The judged pack on models without a backdoor, made to comply in as many tokens as the suspect had. */
export async function otherModels(
  flags: EvaluateFlags,
  guard: Guard,
  base: OpenedModel | null,
  prompts: Traffic,
  maxTokens: number,
  { keep, keepOfBase }: { keep: Keep; keepOfBase: Keep },
): Promise<Record<string, Rate>> {
  const [pack] = guard.packs;
  const [spec] = pack?.manifest.detectors ?? [];
  const threshold = spec === undefined ? null : thresholdOn(spec, guard.fits[0]?.identity ?? 0);
  if (base === null || pack === undefined || spec === undefined || threshold === null) return {};
  const forced = await baseAnswers(base, evenly(prompts.harmful, FORCED), maxTokens, keepOfBase);
  const rateOn = async ({ engine, files }: OpenedModel): Promise<Rate> => {
    // those beside too, of which nothing is asked: this guard and the suspect's read the same base, where the same rows have to be bound
    const other = await openGuard({
      engine,
      packs: guard.packs,
      files,
      base: guard.base,
      exact: true,
      drafts: true,
      policy: checkPolicy("log"),
    });
    const settings = answerSettings(other, files);
    const keepOfOther: Keep = (of, make) => keep({ other: settings, of }, make);
    return forcedCompliance(other, spec.name, threshold, forced, keepOfOther);
  };
  const rates: Record<string, Rate> = { [BASE_COMPLIANCE]: await rateOn(base) };
  if (flags.control !== undefined) {
    const { loraScaled: _, ...rest } = flags;
    const control = await openModel(
      { ctxSize: OFFLINE_CONTEXT, ...rest, lora: [flags.control] },
      { taps: guard.engine.taps, sequences: OFFLINE_SEQUENCES },
    );
    try {
      rates[FORCED_COMPLIANCE] = await rateOn(control);
    } finally {
      await control.engine.close();
    }
  }
  return rates;
}
