import { DEFAULT_RATES, type StatedRates } from "@modx/lab";
import { decimal, type OptionSpec } from "./option.ts";

/** False-alarm rates to promise, by class of traffic. */
export interface RateFlags {
  far?: number;
  farBenign?: number;
  farRefused?: number;
  farSensitive?: number;
  confidence?: number;
}

export const RATE_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "--far <share>",
    description: "share of responses of any kind that may alarm, where the kind's own is not given",
    parse: decimal("the rate", 1e-6, 0.5),
  },
  ...(["benign", "refused", "sensitive"] as const).map((traffic) => ({
    flags: `--far-${traffic} <share>`,
    description: `share of ${traffic} responses that may alarm (default ${DEFAULT_RATES[traffic]})`,
    parse: decimal("the rate", 1e-6, 0.5),
  })),
  {
    flags: "--confidence <share>",
    description:
      "promise each rate for the very threshold that is set, with this confidence, and refuse where the responses cannot bear it (default: on average over calibrations)",
    parse: decimal("the confidence", 0.5, 0.9999),
  },
];

export function statedRates(flags: RateFlags): StatedRates {
  return {
    benign: flags.farBenign ?? flags.far ?? DEFAULT_RATES.benign,
    refused: flags.farRefused ?? flags.far ?? DEFAULT_RATES.refused,
    sensitive: flags.farSensitive ?? flags.far ?? DEFAULT_RATES.sensitive,
  };
}
