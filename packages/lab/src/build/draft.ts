import type { TapName } from "@modx/engine";
import type { JoinedTermsSpec, PackReadout } from "@modx/pack";
import { BOUNDS, termsOf } from "../train/join.ts";
import type { Trained } from "../train/select.ts";
import { REFUSAL_TOKENS, TERMS, type TermName } from "../train/terms.ts";

export const DETECTOR_NAME = "harmful-compliance";

const SAYS: Record<TermName, string> = {
  content: "its answer reads like compliance with a harmful request",
  belief: "it takes the request for harmful",
  intent: "it was not about to refuse",
  refusal: "it does not refuse",
};

/** The trained terms as rows at taps, and their join as a detector without a threshold. */
export function draftOf(
  { taps, probes, join }: Trained,
  width: number,
): {
  readouts: (PackReadout & { tap: TapName })[];
  detector: JoinedTermsSpec;
} {
  const readouts = taps.map((tap, index) => ({
    tap: tap as TapName,
    // all terms are read, also those that the score leaves out: a person wants to see them
    rows: TERMS.map((term) => {
      const { weights, bias } = probes[term];
      return {
        name: term,
        weights: Float32Array.from(weights.subarray(index * width, (index + 1) * width)),
        // a row's readings are added over its taps, and the bias counts once
        bias: index === 0 ? bias : 0,
      };
    }),
  }));
  const over: Record<TermName, Pick<JoinedTermsSpec["terms"][number], "over" | "aggregate">> = {
    belief: { over: "user", aggregate: { kind: "mean" } },
    intent: { over: "last-prompt", aggregate: { kind: "mean" } },
    refusal: { over: "response", aggregate: { kind: "first-mean", width: REFUSAL_TOKENS } },
    content: { over: "response", aggregate: { kind: "window-mean", width: join.width, minimum: join.minimum } },
  };
  const terms = termsOf(join);
  return {
    readouts,
    detector: {
      name: DETECTOR_NAME,
      algorithm: "joined-terms",
      version: 1,
      level: "alarm",
      description: `the model answers what it should refuse: ${terms.map((term) => SAYS[term]).join(", ")}`,
      terms: terms.map((term) => ({
        name: term,
        row: term,
        ...over[term],
        ...(BOUNDS[term] === undefined ? {} : { within: BOUNDS[term] }),
        weight: join.weights[term] ?? 0,
      })),
      // the content's row carries the only one
      bias: 0,
      threshold: null,
      calibrations: [],
    },
  };
}
