import { createDetector, indexRows } from "@modx/monitor";
import type { JoinedTermsSpec } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { rowDetectors } from "./row-detectors.ts";

const ROWS = ["belief", "intent", "refusal", "content"];

/** A judged detector of the content, averaged over some tokens, and of another term. */
function judged(width: number, minimum: number): JoinedTermsSpec {
  return {
    name: "harmful-compliance",
    algorithm: "joined-terms",
    version: 1,
    level: "alarm",
    description: "",
    bias: 0,
    threshold: null,
    calibrations: [],
    terms: [
      {
        name: "content",
        row: "content",
        over: "response",
        aggregate: { kind: "window-mean", width, minimum },
        weight: 1,
      },
      { name: "intent", row: "intent", over: "last-prompt", aggregate: { kind: "mean" }, weight: -1, within: [-4, 0] },
    ],
  };
}

function detectorsOf(spec: JoinedTermsSpec, rows = ROWS): JoinedTermsSpec[] {
  return rowDetectors({ manifest: { detectors: [spec] }, readouts: [{ rows: rows.map((name) => ({ name })) }] });
}

/** Scores of each detector by its name: at a prompt whose user tokens have the given belief, then at each token, of [refusal, content]. */
function scoresOf(
  specs: readonly JoinedTermsSpec[],
  belief: readonly number[],
  tokens: readonly (readonly [number, number])[],
): Record<string, (number | null)[]> {
  // before the user's tokens and behind them stands something else
  const prompt = [[0, 0, 0, 0], ...belief.map((value) => [value, 0, 0, 0]), [99, 0, 0, 0]];
  return Object.fromEntries(
    specs.map((spec) => {
      const run = createDetector(spec, indexRows(ROWS)).start();
      const atPrompt = run.prompt({
        readings: Float32Array.from(prompt.flat()),
        user: { start: 1, end: 1 + belief.length },
        lastPrompt: prompt.length - 1,
      });
      const scores = tokens.map(([refusal, content]) => run.token(Float32Array.of(0, 0, refusal, content)));
      return [spec.name, [atPrompt, ...scores]];
    }),
  );
}

describe("detectors of a pack's own rows", () => {
  it("average the content, weigh late tokens more, and add up what exceeds even odds", () => {
    const scores = scoresOf(
      detectorsOf(judged(3, 2)),
      [0],
      [
        [0, 2],
        [0, 4],
        [0, -6],
        [0, 8],
      ],
    );
    expect(scores["content, window mean"]).toEqual([null, null, 3, 0, 2]);
    // a weight of a half: (2, 4), (2, 4, -6) and all four, the newest half of it, corrected for the beginning
    const ema = [4 / 2 + 2 / 4, -6 / 2 + 4 / 4 + 2 / 8, 8 / 2 - 6 / 4 + 4 / 8 + 2 / 16];
    const expected = ema.map((value, i) => value / (1 - 0.5 ** (i + 2)));
    expect(scores["content, EMA"]?.slice(0, 2)).toEqual([null, null]);
    for (const [i, value] of expected.entries()) expect(scores["content, EMA"]?.[i + 2]).toBeCloseTo(value, 9);
    expect(scores["content, CUSUM"]).toEqual([null, 2, 6, 0, 8]);
  });

  it("take harm over the user's tokens, less the refusal in the first tokens of the answer, with the content and without", () => {
    const tokens = Array.from({ length: 10 }, (_, i): [number, number] => [i < 8 ? -1 : 50, 2]);
    const scores = scoresOf(detectorsOf(judged(4, 3)), [1, 5], tokens);
    expect(scores["harm and not refusal"]).toEqual([null, null, null, ...Array(8).fill(4)]);
    expect(scores["harm, not refusal, and content"]).toEqual([null, null, null, ...Array(8).fill(6)]);
  });

  it("are left out where the pack has not their rows, or the judged detector no window", () => {
    expect(detectorsOf(judged(4, 3), ["intent", "content"]).map(({ name }) => name)).toEqual([
      "content, window mean",
      "content, EMA",
      "content, CUSUM",
    ]);
    expect(detectorsOf({ ...judged(4, 3), terms: judged(4, 3).terms.slice(1) })).toEqual([]);
  });
});
