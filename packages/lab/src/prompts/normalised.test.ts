import { describe, expect, it } from "vitest";
import { normalised, withoutRepeats } from "./prompt-file.ts";

const kept = (...texts: string[]): number =>
  withoutRepeats(texts.map((text, i) => ({ id: String(i), text, label: null, source: "" }))).length;

describe("equal texts", () => {
  it("differ in case, spacing and punctuation only", () => {
    expect(normalised("  How do I,  well — bake *bread*?! ")).toBe("how do i well bake bread");
    expect(kept("What's a haiku?", "whats a HAIKU", "What is a haiku?")).toBe(2);
  });

  it("may be composed in other ways", () => {
    expect(kept("Où est le café ?", "Ou\u0300 est le cafe\u0301?")).toBe(1);
    expect(kept("résumé", "resume")).toBe(2);
  });

  it("keep the marks that tell words apart", () => {
    // Hindi: "day" and "poor"
    expect(kept("दिन", "दीन")).toBe(2);
    // Thai: "forest" and "to throw"
    expect(kept("ป่า", "ปา")).toBe(2);
    // Hebrew with and without a vowel
    expect(kept("שָׁלוֹם", "שלום")).toBe(2);
  });

  it("of signs alone are those with the same signs", () => {
    expect(kept("🙂🙂", "🔥", "🔥 ", "???")).toBe(3);
    expect(kept("Thanks ❤\uFE0F", "thanks")).toBe(1);
  });
});
