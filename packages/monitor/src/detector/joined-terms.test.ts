import type { JoinedTermsSpec } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { createDetector } from "./create-detector.ts";
import { indexRows } from "./rows.ts";

const CALIBRATION: JoinedTermsSpec["calibrations"][number] = {
  traffic: "benign",
  description: "",
  sources: [],
  identity: 0,
  n: 1000,
  farStated: 0.01,
  threshold: 1,
  farBound95: 0.02,
  farInForce: 0.01,
  length: 128,
};

const SPEC: JoinedTermsSpec = {
  name: "example",
  algorithm: "joined-terms",
  version: 1,
  level: "alarm",
  description: "",
  bias: -1,
  threshold: 1,
  calibrations: [CALIBRATION],
  terms: [
    { name: "belief", row: "a", over: "user", aggregate: { kind: "mean" }, weight: 1 },
    { name: "refusal", row: "b", over: "last-prompt", aggregate: { kind: "mean" }, weight: -2 },
    { name: "early", row: "b", over: "response", aggregate: { kind: "first-mean", width: 2 }, weight: 0.5 },
    { name: "window", row: "a", over: "response", aggregate: { kind: "window-mean", width: 3, minimum: 2 }, weight: 4 },
  ],
};

// row "a" is carried by two taps, so its readings are added
const ROWS = indexRows(["a", "b", "a"]);

describe("joined-terms", () => {
  it("adds the weighted aggregates of its rows", () => {
    const run = createDetector(SPEC, ROWS).start();
    const nan = Number.NaN;
    const readings = Float32Array.of(nan, nan, nan, 1, 9, 2, 3, 9, 4, 7, 5, 7);
    // belief: mean of (1+2) and (3+4) over the user's tokens 1 and 2; refusal: 5 at the last prompt token
    expect(run.prompt({ readings, user: { start: 1, end: 3 }, lastPrompt: 3 })).toBeNull();
    expect(run.token(Float32Array.of(1, 10, 1))).toBeNull();
    const base = -1 + 5 - 2 * 5;
    expect(run.token(Float32Array.of(2, 20, 2))).toBeCloseTo(base + 0.5 * 15 + 4 * 3);
    expect(run.token(Float32Array.of(3, 99, 3))).toBeCloseTo(base + 0.5 * 15 + 4 * 4);
    expect(run.token(Float32Array.of(4, 99, 4))).toBeCloseTo(base + 0.5 * 15 + 4 * 6);
    expect(run.explain()).toEqual([
      { name: "belief", value: 5, contribution: 5 },
      { name: "refusal", value: 5, contribution: -10 },
      { name: "early", value: 15, contribution: 7.5 },
      { name: "window", value: 6, contribution: 24 },
    ]);
  });

  it("keeps a term within its bounds, and says its value all the same", () => {
    const [belief] = SPEC.terms;
    if (belief === undefined) throw new Error("no term");
    const contributions = [-7, 0.25, 9].map((reading) => {
      const run = createDetector({ ...SPEC, terms: [{ ...belief, weight: 3, within: [-2, 0.5] }] }, ROWS).start();
      const score = run.prompt({
        readings: Float32Array.of(0, 0, 0, reading, 0, 0),
        user: { start: 1, end: 2 },
        lastPrompt: 1,
      });
      expect(run.explain()[0]?.value).toBe(reading);
      return score;
    });
    expect(contributions).toEqual([-1 - 6, -1 + 0.75, -1 + 1.5]);
  });

  it("has no score while a term has no value", () => {
    const run = createDetector(SPEC, ROWS).start();
    run.prompt({ readings: new Float32Array(), user: { start: 0, end: 0 }, lastPrompt: -1 });
    for (let i = 0; i < 5; i++) expect(run.token(Float32Array.of(1, 1, 1))).toBeNull();
  });

  it("is refused readings that lack one of its rows", () => {
    const run = createDetector(SPEC, ROWS).start();
    expect(() => run.token(Float32Array.of(1, 1))).toThrow(expect.objectContaining({ code: "MODX_INTERNAL" }));
  });

  it("reads the whole prompt where no user says anything, so that a system message alone is watched too", () => {
    const run = createDetector(SPEC, ROWS).start();
    const readings = Float32Array.of(99, 99, 99, 1, 9, 2, 3, 5, 4);
    run.prompt({ readings, user: { start: 0, end: 0 }, lastPrompt: 2 });
    expect(run.explain()[0]).toMatchObject({ name: "belief", value: 5 });
    const scores = [1, 2, 3].map(() => run.token(Float32Array.of(1, 1, 1)));
    expect(scores.at(-1)).not.toBeNull();
  });
});

describe("a term that the base reads", () => {
  const [content] = SPEC.terms.slice(3);
  if (content === undefined) throw new Error("no term");
  const asking: JoinedTermsSpec = {
    ...SPEC,
    bias: 0,
    threshold: 5,
    terms: [
      { ...content, weight: 1 },
      {
        name: "opinion",
        row: "o",
        over: "base-last-prompt",
        aggregate: { kind: "mean" },
        within: [-4, 2],
        weight: 0.5,
      },
    ],
  };
  const baseRows = indexRows(["x", "o"]);
  const PROMPT = { readings: new Float32Array(3), user: { start: 0, end: 0 }, lastPrompt: 0 };
  const token = (value: number): Float32Array => Float32Array.of(value / 2, 0, value / 2);

  it("counts the least until the base was asked, and is wanted only where it can decide", () => {
    const detector = createDetector(asking, ROWS, baseRows);
    expect(detector.readsBase).toBe(true);
    const run = detector.start();
    expect([run.prompt(PROMPT), run.wantsBase]).toEqual([null, false]);
    expect([run.token(token(3)), run.wantsBase]).toEqual([null, false]);
    // 3 and 1 at most are 4, which is no alarm whatever the base says
    expect([run.token(token(3)), run.wantsBase]).toEqual([3 - 2, false]);
    expect([run.token(token(7)), run.wantsBase]).toEqual([(3 + 3 + 7) / 3 - 2, true]);
    expect(run.base?.(Float32Array.of(9, 1.5))).toBeCloseTo(13 / 3 + 0.75);
    expect(run.wantsBase).toBe(false);
    expect(run.token(token(9))).toBeCloseTo(19 / 3 + 0.75);
    expect(run.explain().map(({ name, contribution }) => [name, contribution])).toEqual([
      ["window", expect.closeTo(19 / 3)],
      ["opinion", 0.75],
    ]);
  });

  it("alarms exactly where it would if the base were always asked", () => {
    for (let opinion = -6; opinion <= 4; opinion += 0.5)
      for (let level = 3; level <= 8; level += 0.25) {
        const alarm = (always: boolean): boolean => {
          const run = createDetector(asking, ROWS, baseRows).start();
          run.prompt(PROMPT);
          const scores = [1, 2, 3].map(() => {
            const score = run.token(token(level));
            return always || run.wantsBase === true ? (run.base?.(Float32Array.of(0, opinion)) ?? score) : score;
          });
          return scores.some((score) => (score ?? 0) > 5);
        };
        expect(alarm(false)).toBe(alarm(true));
      }
  });

  it("is nothing that other detectors have", () => {
    const plain = createDetector(SPEC, ROWS);
    expect([plain.readsBase, plain.start().wantsBase]).toEqual([false, false]);
  });
});
