import { DEFAULT_RATES, type StatedRates } from "@modx/lab";
import { decimal, type OptionSpec } from "./option.ts";

/** False-alarm rates to promise, by class of traffic. */
export interface RateFlags {
  farBenign?: number;
  farRefused?: number;
  farSensitive?: number;
}

export const RATE_OPTIONS: readonly OptionSpec[] = (["benign", "refused", "sensitive"] as const).map((traffic) => ({
  flags: `--far-${traffic} <share>`,
  description: `share of ${traffic} responses that may alarm (default ${DEFAULT_RATES[traffic]})`,
  parse: decimal("the rate", 1e-6, 0.5),
}));

export function statedRates(flags: RateFlags): StatedRates {
  return {
    benign: flags.farBenign ?? DEFAULT_RATES.benign,
    refused: flags.farRefused ?? DEFAULT_RATES.refused,
    sensitive: flags.farSensitive ?? DEFAULT_RATES.sensitive,
  };
}
