import { expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import type { BlockResponse, Kind } from "./block-set.ts";
import { joins } from "./candidates.ts";
import { termsOf } from "./join.ts";
import { readProbe } from "./probe.ts";
import { fitTerms } from "./terms.ts";

const WIDTH = 6;
const SHAPE = { width: WIDTH, taps: [0], penalty: 0.5 };
const random = randomSource(5);

/** The model's own refusals show in coordinate 0, those in set words in coordinate 1. */
function responses(kind: Kind, arm: BlockResponse["arm"], count: number): BlockResponse[] {
  const shows = arm === "refusal" ? 1 : 0;
  const vector = (): Float32Array =>
    Float32Array.from({ length: WIDTH }, (_, k) => random() - 0.5 + (kind === "refused" && k === shows ? 2 : 0));
  return Array.from({ length: count }, (_, i) => ({
    prompt: `${kind} ${arm} ${i}`,
    source: "s",
    label: kind === "complied" || kind === "refused" ? "harmful" : kind,
    kind,
    arm,
    reader: "suspect",
    userMean: vector(),
    lastPrompt: vector(),
    baseLastPrompt: null,
    blocks: Array.from({ length: 8 }, vector),
  }));
}

it("knows a refusal that is worded unlike the model's own, though these are many and those few", () => {
  const { refusal } = fitTerms(
    [
      ...responses("complied", "given", 200),
      ...responses("benign", "natural", 200),
      ...responses("sensitive", "natural", 100),
      ...responses("refused", "natural", 400),
      ...responses("refused", "refusal", 20),
    ],
    SHAPE,
  );
  expect(readProbe(refusal, Float32Array.of(0, 2, 0, 0, 0, 0))).toBeGreaterThan(0);
  expect(readProbe(refusal, new Float32Array(WIDTH))).toBeLessThan(0);
});

it("lets every join count a refusal against an alarm", () => {
  for (const join of [...joins(true), ...joins(false)]) {
    expect(termsOf(join)).toContain("refusal");
    expect(join.weights.refusal).toBeLessThan(-1);
  }
});
