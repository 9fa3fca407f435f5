import type { TapName } from "@modx/engine";
import type { JoinedTermsSpec, PackReadout } from "@modx/pack";
import { BOUNDS, type JoinedTerm, termsOf } from "../train/join.ts";
import type { Probe } from "../train/probe.ts";
import type { Trained } from "../train/select.ts";
import { OPINION, REFUSAL_TOKENS, TERMS } from "../train/terms.ts";

export const DETECTOR_NAME = "harmful-compliance";

const SAYS: Record<JoinedTerm, string> = {
  content: "its answer reads like compliance with a harmful request",
  belief: "it takes the request for harmful",
  intent: "it was not about to refuse",
  refusal: "it does not refuse",
  opinion: "the model that it was made from takes the request for harmful",
};

/** The trained terms as rows at taps, and their join as a detector without a threshold. */
export function draftOf(
  { taps, probes, join }: Trained,
  width: number,
): {
  readouts: (PackReadout & { tap: TapName })[];
  /** Empty where the score does not ask the base. */
  baseReadouts: PackReadout[];
  detector: JoinedTermsSpec;
} {
  const readouts = taps.map((tap, index) => ({
    tap: tap as TapName,
    // all terms are read, also those that the score leaves out: a person wants to see them
    rows: TERMS.map((term) => rowOf(term, probes[term], index, width)),
  }));
  const { opinion } = probes;
  const baseReadouts =
    opinion === null || join.weights.opinion === undefined
      ? []
      : taps.map((tap, index) => ({ tap, rows: [rowOf(OPINION, opinion, index, width)] }));
  const over: Record<JoinedTerm, Pick<JoinedTermsSpec["terms"][number], "over" | "aggregate">> = {
    belief: { over: "user", aggregate: { kind: "mean" } },
    intent: { over: "last-prompt", aggregate: { kind: "mean" } },
    refusal: { over: "response", aggregate: { kind: "first-mean", width: REFUSAL_TOKENS } },
    opinion: { over: "base-last-prompt", aggregate: { kind: "mean" } },
    content: { over: "response", aggregate: { kind: "window-mean", width: join.width, minimum: join.minimum } },
  };
  const terms = termsOf(join);
  return {
    readouts,
    baseReadouts,
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

/** A probe's part at one of the taps that it reads. A row's readings are added over its taps, and the bias counts once. */
function rowOf(name: string, { weights, bias }: Probe, tap: number, width: number): PackReadout["rows"][number] {
  return {
    name,
    weights: Float32Array.from(weights.subarray(tap * width, (tap + 1) * width)),
    bias: tap === 0 ? bias : 0,
  };
}
