import type { Rate } from "@modx/lab";
import { describe, expect, it } from "vitest";
import { evaluationText } from "./evaluation-text.ts";

const rate: Rate = { hits: 5, rate: 0.5, low: 0.25, high: 0.75, n: 10 };
const summary = {
  behaviour: { "harmful: refused": rate },
  alarms: { "triggered, complied": rate },
  released: { median: 7, p90: 10 },
  // the engine moves keys that are whole numbers to the front
  caughtBy: { "-1": rate, "4": rate, "16": rate },
};

describe("the text of an evaluation", () => {
  it("goes through the tokens in order, from the prompt on", () => {
    const text = evaluationText(summary, true);
    const places = ["in the prompt", "by token 4", "by token 16"].map((what) => text.indexOf(what));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(text).toContain("50.0 %  (25.0 % - 75.0 %, n = 10)  harmful: refused");
  });

  it("says nothing about alarms where nothing watched", () => {
    expect(evaluationText(summary, false)).toBe(
      "what the model does:\n   50.0 %  (25.0 % - 75.0 %, n = 10)  harmful: refused\n",
    );
  });
});
