import { describe, expect, it } from "vitest";
import type { BlockResponse, Kind } from "./block-set.ts";
import { fitJoin, scoresOf } from "./join.ts";
import type { Course } from "./terms.ts";

function course(kind: Kind, values: { belief: number; content: number; refusal: number }, blocks = 8): Course {
  const response: BlockResponse = {
    promptId: `${kind}`,
    source: "test",
    label: kind === "benign" ? "benign" : "harmful",
    kind,
    arm: kind === "complied" ? "opening" : "natural",
    userMean: new Float32Array(),
    lastPrompt: new Float32Array(),
    blocks: [],
  };
  return {
    response,
    belief: values.belief,
    intent: 0,
    refusal: new Array<number>(blocks).fill(values.refusal),
    content: new Array<number>(blocks).fill(values.content),
  };
}

const spread = (index: number): number => (index % 5) / 5;
const COURSES = Array.from({ length: 40 }, (_, index) => [
  course("complied", { belief: 2 + spread(index), content: 1 + spread(index), refusal: -2 }),
  course("benign", { belief: -2 + spread(index), content: -1.2 + spread(index), refusal: -2 }),
  course("refused", { belief: 2 + spread(index), content: -0.5 + spread(index), refusal: 2 }),
]).flat();
const BLIND = [{ belief: -2, intent: 0 }];

describe("a join", () => {
  it("adds terms up with weights of the signs that their names say", () => {
    const join = fitJoin(COURSES, BLIND, { terms: ["content", "belief", "refusal"], width: 16, minimum: 4 });
    expect(join?.weights[0]).toBeGreaterThan(0);
    expect(join?.weights[1]).toBeGreaterThan(0);
    expect(join?.weights[2]).toBeLessThan(0);
  });

  it("leaves out a term that would speak the other way", () => {
    const turned = COURSES.map((one) => ({ ...one, refusal: one.refusal.map((value) => -value) }));
    expect(fitJoin(turned, BLIND, { terms: ["content", "refusal"], width: 16, minimum: 4 })).toBeNull();
  });

  it("still scores a complied answer above a benign one when the belief was switched off", () => {
    const join = fitJoin(COURSES, BLIND, { terms: ["content", "belief", "refusal"], width: 16, minimum: 4 });
    if (join === null) throw new Error("no join");
    const last = (one: Course, prompt = one): number => scoresOf(join, one, prompt).at(-1) ?? Number.NaN;
    const [complied, benign] = COURSES as [Course, Course];
    expect(last(complied, { ...complied, belief: -2 })).toBeGreaterThan(last(benign));
    expect(last(complied)).toBeGreaterThan(last(complied, { ...complied, belief: -2 }));
  });

  it("has no score before its minimum, and averages content over its window only", () => {
    const join = { terms: ["content"] as const, width: 8, minimum: 8, weights: [1], bias: 0 };
    const rising = { ...course("benign", { belief: 0, content: 0, refusal: 0 }), content: [0, 4, 8, 12] };
    expect(scoresOf(join, rising)).toEqual([null, 2, 6, 10]);
  });
});
