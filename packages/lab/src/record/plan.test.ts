import { describe, expect, it } from "vitest";
import { givenPlan, naturalPlan, openingPlan, type PlannedResponse, planHash } from "./plan.ts";

const PROMPT = { id: "a", text: "How are bees kept?", label: "harmful", source: "s" } as const;
const PLAN = naturalPlan([PROMPT]);

describe("the hash of a plan", () => {
  it.each<[string, PlannedResponse[]]>([
    ["label", naturalPlan([{ ...PROMPT, label: "benign" }])],
    ["absent label", naturalPlan([{ ...PROMPT, label: null }])],
    ["source", naturalPlan([{ ...PROMPT, source: "t" }])],
    ["text", naturalPlan([{ ...PROMPT, text: "How are wasps kept?" }])],
    ["kind of arm", PLAN.map((planned) => ({ ...planned, arm: { kind: "triggered", opening: "" } }))],
    ["opening", PLAN.map((planned) => ({ ...planned, arm: { ...planned.arm, opening: "Sure" } }))],
    ["given response", PLAN.map((planned) => ({ ...planned, given: [1, 2] }))],
  ])("is another one with another %s", (_, other) => {
    expect(planHash(other)).not.toBe(planHash(PLAN));
  });

  it("is another one under another rule for labels", () => {
    expect(planHash(PLAN, 2)).not.toBe(planHash(PLAN, 1));
  });

  it("is the same for the same plan", () => {
    expect(planHash(naturalPlan([{ ...PROMPT }]))).toBe(planHash(PLAN));
    expect(planHash(openingPlan([PROMPT], 2))).toBe(planHash(openingPlan([PROMPT], 2)));
  });

  it("tells tokens from a text that spells them", () => {
    const [given] = givenPlan([{ id: "a", prompt: PROMPT, tokens: [1, 2] }]);
    if (given === undefined) throw new Error("no plan");
    expect(planHash([given])).not.toBe(planHash([{ ...given, given: "1,2" }]));
  });
});
