import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Detector, PromptReadings, TokenFacts } from "./detector.ts";

interface Token {
  readings: Float32Array;
  facts: TokenFacts;
}

/** What every detector must do, whatever it computes. `rows` is the number of readings of a token. */
export function detectorConformance(name: string, create: () => Detector, rows: number): void {
  const reading = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) });
  const readings = fc.array(reading, { minLength: rows, maxLength: rows });
  const word = fc.constantFrom("I", " can", "'t", " help", " you", ". ", "First", ",", " take", " the", "", " é", "�");
  const facts: fc.Arbitrary<TokenFacts> = fc.record({
    text: word,
    logProbability: fc.double({ min: -40, max: 0, noNaN: true }),
  });
  const token = fc.record({ readings: readings.map((values) => Float32Array.from(values)), facts });
  const tokens = fc.array(token, { maxLength: 80 });
  const prompt: fc.Arbitrary<PromptReadings> = fc.array(readings, { minLength: 2, maxLength: 12 }).chain((list) =>
    fc.tuple(fc.nat(list.length - 1), fc.nat(list.length - 1)).map(([a, b]) => {
      const all = Float32Array.from(list.flat());
      // position 0 has no reading, in prompts as the engine gives them
      all.fill(Number.NaN, 0, rows);
      return {
        readings: all,
        text: "How do I pick a lock?",
        user: { start: Math.min(a, b), end: Math.max(a, b) },
        lastPrompt: list.length - 1,
      };
    }),
  );
  const scores = (detector: Detector, given: PromptReadings, list: readonly Token[]): (number | null)[] => {
    const run = detector.start();
    return [run.prompt(given), ...list.map((one) => run.token(one.readings, one.facts))];
  };

  describe(name, () => {
    it("is finite, or says that it has no score yet, on any finite input", () => {
      fc.assert(
        fc.property(prompt, tokens, (given, list) => {
          for (const score of scores(create(), given, list))
            expect(score === null || Number.isFinite(score)).toBe(true);
        }),
      );
    });

    it("gives a token's score from what came before it, whatever comes after", () => {
      fc.assert(
        fc.property(prompt, tokens, fc.nat(80), (given, list, cut) => {
          expect(scores(create(), given, list.slice(0, cut))).toEqual(
            scores(create(), given, list).slice(0, Math.min(cut, list.length) + 1),
          );
        }),
      );
    });

    it("gives the same scores when one detector follows two responses at a time", () => {
      fc.assert(
        fc.property(prompt, tokens, tokens, (given, one, other) => {
          const detector = create();
          const [a, b] = [detector.start(), detector.start()];
          const mixed = [a.prompt(given)];
          b.prompt(given);
          for (let i = 0; i < Math.max(one.length, other.length); i++) {
            const [x, y] = [one[i], other[i]];
            if (y !== undefined) b.token(y.readings, y.facts);
            if (x !== undefined) mixed.push(a.token(x.readings, x.facts));
          }
          expect(mixed).toEqual(scores(create(), given, one));
        }),
      );
    });

    it("explains every score: the parts are named, and those with a value are finite", () => {
      fc.assert(
        fc.property(prompt, tokens, (given, list) => {
          const run = create().start();
          run.prompt(given);
          for (const one of list) run.token(one.readings, one.facts);
          for (const part of run.explain()) {
            expect(part.name).not.toBe("");
            if (part.contribution !== null) expect(Number.isFinite(part.contribution)).toBe(true);
          }
        }),
      );
    });

    it("names its algorithm and version, and a threshold that a score can reach", () => {
      const detector = create();
      expect(detector.algorithm).not.toBe("");
      expect(detector.version).toBeGreaterThan(0);
      expect(Number.isFinite(detector.threshold)).toBe(true);
      expect(detector.calibratedLength).toBeGreaterThan(0);
    });
  });
}
