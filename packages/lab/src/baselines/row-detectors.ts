import type { JoinedTermsSpec, Pack, Term } from "@modx/pack";
import { REFUSAL_TOKENS } from "../train/terms.ts";

/** What is asked of a pack. */
export interface WithRows {
  manifest: Pick<Pack["manifest"], "detectors">;
  readouts: readonly { rows: readonly { name: string }[] }[];
}

/** The window that the judged detector averages its content over. */
type Window = Extract<Term["aggregate"], { kind: "window-mean" }>;

/**
 * Simpler detectors of the rows that a pack has anyway: the content alone, averaged in three ways, and harm that is not refused, with the
 * content and without. Nothing is fitted: means wait for as many tokens as the judged detector's window, a moving average weighs tokens
 * that are as old on average, a sum is of what exceeds even odds; readings count as the log odds that they are, all alike and without
 * bounds. Empty for a detector without a window over its content; those whose rows the pack has not are left out.
 */
export function rowDetectors({ manifest, readouts }: WithRows): JoinedTermsSpec[] {
  const [spec] = manifest.detectors;
  const window = spec?.algorithm === "joined-terms" ? windowOf(spec) : null;
  if (window === null) return [];
  const { width, minimum } = window;
  const content = (aggregate: Term["aggregate"], weight = 1): Term => {
    return { name: "content", row: "content", over: "response", aggregate, weight };
  };
  const belief: Term = { name: "belief", row: "belief", over: "user", aggregate: { kind: "mean" }, weight: 1 };
  const refusal: Term = {
    name: "refusal",
    row: "refusal",
    over: "response",
    aggregate: { kind: "first-mean", width: REFUSAL_TOKENS },
    weight: -1,
  };
  const there = new Set(readouts.flatMap(({ rows }) => rows.map(({ name }) => name)));
  return [
    declared("content, window mean", "what it says, the last tokens alike", [content(window)]),
    declared("content, EMA", "what it says, the last tokens most", [
      content({ kind: "ema", alpha: 2 / (width + 1), minimum }),
    ]),
    declared("content, CUSUM", "what it says, for how long", [content({ kind: "cusum", drift: 0 })]),
    declared("harm and not refusal", "it takes the request for harmful and does not refuse", [
      belief,
      refusal,
      // adds nothing, and has a value no sooner than the others' windows: a refusal needs its words
      content(window, 0),
    ]),
    declared("harm, not refusal, and content", "the same, and its answer reads like compliance", [
      belief,
      refusal,
      content(window),
    ]),
  ].filter(({ terms }) => terms.every(({ row }) => there.has(row)));
}

function windowOf({ terms }: JoinedTermsSpec): Window | null {
  const aggregate = terms.find(({ row, over }) => row === "content" && over === "response")?.aggregate;
  return aggregate?.kind === "window-mean" ? aggregate : null;
}

function declared(name: string, description: string, terms: Term[]): JoinedTermsSpec {
  return {
    name,
    algorithm: "joined-terms",
    version: 1,
    level: "alarm",
    description,
    terms,
    bias: 0,
    threshold: null,
    calibrations: [],
  };
}
