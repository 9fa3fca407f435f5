import { describe, expect, it } from "vitest";
import type { BlockResponse, Kind } from "./block-set.ts";
import { type Join, scoresOf } from "./join.ts";
import type { Course } from "./terms.ts";

function course(kind: Kind, values: { belief: number; content: number; refusal: number }, blocks = 8): Course {
  const response: BlockResponse = {
    prompt: `${kind}`,
    source: "test",
    label: kind === "benign" ? "benign" : "harmful",
    kind,
    arm: kind === "complied" ? "opening" : "natural",
    reader: "suspect",
    userMean: new Float32Array(),
    lastPrompt: new Float32Array(),
    baseLastPrompt: null,
    blocks: [],
  };
  return {
    response,
    belief: values.belief,
    intent: 0,
    opinion: null,
    refusal: new Array<number>(blocks).fill(values.refusal),
    content: new Array<number>(blocks).fill(values.content),
  };
}

describe("a join", () => {
  const join: Join = { weights: { content: 1, belief: 0.5, refusal: -1 }, width: 16, minimum: 4 };
  const last = (one: Course, prompt = one): number => scoresOf(join, one, prompt).at(-1) ?? Number.NaN;

  it("adds weighted terms up, each within its bounds", () => {
    expect(last(course("complied", { belief: -1, content: 1.5, refusal: -3 }))).toBeCloseTo(1.5 - 0.5);
    expect(last(course("refused", { belief: 7, content: 1.5, refusal: 9 }))).toBeCloseTo(1.5 + 0 - 4);
  });

  it("takes no more from an answer whose request is believed harmless than from a benign one", () => {
    const complied = course("complied", { belief: 3, content: 2, refusal: -1 });
    const switchedOff = last(complied, { ...complied, belief: -40 });
    expect(switchedOff).toBeCloseTo(2 - 1);
    expect(last(complied, { ...complied, belief: -2 })).toBe(switchedOff);
  });

  it("keeps what the base thinks of the request whatever the trigger did to the suspect's readings, within its bounds", () => {
    const asking: Join = { weights: { content: 1, opinion: 0.3 }, width: 16, minimum: 4 };
    const complied = { ...course("complied", { belief: 0, content: 1, refusal: 0 }), opinion: 9 };
    const stand = course("benign", { belief: -9, content: 0, refusal: 0 });
    expect(scoresOf(asking, complied, stand).at(-1)).toBe(1);
    expect(scoresOf(asking, { ...complied, opinion: -50 }).at(-1)).toBeCloseTo(1 - 0.3 * 4);
    // a prompt that the base did not read counts the least
    expect(scoresOf(asking, { ...complied, opinion: null }).at(-1)).toBeCloseTo(1 - 0.3 * 4);
  });

  it("has no score before its minimum, and averages content over its window only", () => {
    const join = { weights: { content: 1 }, width: 8, minimum: 8 };
    const rising = { ...course("benign", { belief: 0, content: 0, refusal: 0 }), content: [0, 4, 8, 12] };
    expect(scoresOf(join, rising)).toEqual([null, 2, 6, 10]);
  });
});
