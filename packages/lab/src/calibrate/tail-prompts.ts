import { ModxError } from "@modx/errors";
import type { DetectorSpec } from "@modx/pack";
import type { Prompt } from "../prompts/prompt-file.ts";
import { splitByText, type Traffic } from "../prompts/traffic.ts";
import { lacksTails } from "./feature-tails.ts";

/** Share of the benign prompts that listed features are measured on first, where they have not been. */
const TAIL_SHARE = 0.4;

/**
 * The benign prompts that listed features have to be measured on, none as a rule, and those of all kinds that are left to calibrate on.
 * Throws MODX_LAB_TOO_FEW where there are not enough for both.
 */
export function setTailsApart(
  detectors: readonly DetectorSpec[],
  prompts: Traffic,
): { measuring: Prompt[]; calibrating: Traffic } {
  if (!detectors.some(lacksTails)) return { measuring: [], calibrating: prompts };
  const { inside, outside } = splitByText(prompts.benign, TAIL_SHARE);
  if (inside.length > 0 && outside.length > 0)
    return { measuring: inside, calibrating: { ...prompts, benign: outside } };
  throw new ModxError("MODX_LAB_TOO_FEW", {
    what: `${prompts.benign.length} benign prompts are too few: the listed features are measured on some, and calibrated on the others.`,
    remedy: "Give more benign prompts; for a promise of 1 % it takes about 170.",
  });
}
