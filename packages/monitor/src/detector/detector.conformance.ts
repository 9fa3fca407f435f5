import { ModxError } from "@modx/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Detector, DetectorRun, PromptReadings, TokenFacts } from "./detector.ts";
import { feed } from "./feed.ts";

/** A detector and its written form. */
export interface Subject {
  create(): Detector;
  /** What it is, as JSON. */
  write(): string;
  /** The detector that such a text writes down. Throws a coded error for a text that is none, or one of another version. */
  read(text: string): Detector;
  /** Readings of a token. */
  rows: number;
  /** Readings of the base, of a detector that asks it. */
  baseRows?: number;
  /** Numbers of the residual at the last prompt token, of a detector that reads it. */
  residual?: number;
}

/** A prompt, with what the base says of it. */
interface Given {
  prompt: PromptReadings;
  base: Float32Array;
}

/** Response tokens, their readings [tokens, rows]. */
interface Said {
  readings: Float32Array;
  facts: TokenFacts[];
}

const LARGEST = 3.4028234663852886e38;
const SMALLEST = 2 ** -149;
/** What single precision holds, its ends too. */
const READING = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -16, max: 16 }),
  fc.constantFrom(LARGEST, -LARGEST, SMALLEST, -SMALLEST, 2 ** -126, 0, -0),
);
const WORDS = [
  "I",
  " can",
  "'t",
  " help",
  " you",
  ". ",
  "First",
  ",",
  " take",
  " the",
  " lock",
  "",
  " é",
  "�",
  "\ud83d",
];
const TEXT = fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: "binary", maxLength: 12 }));
const FACTS: fc.Arbitrary<TokenFacts> = fc.record({
  text: TEXT,
  logProbability: fc.oneof(
    fc.double({ min: -40, max: 0, noNaN: true }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
  ),
});
/** More tokens than any window here is wide, so that windows fill up and wrap. */
const MOST_TOKENS = 80;
/** Tokens of a response that is longer than most, all of extremes. */
const MANY_TOKENS = 1000;

/** What every detector must do, whatever it computes. */
export function detectorConformance(
  name: string,
  { create, write, read, rows, baseRows = 0, residual }: Subject,
): void {
  const floats = (length: number): fc.Arbitrary<Float32Array> =>
    fc.array(READING, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
  const given: fc.Arbitrary<Given> = fc.integer({ min: 2, max: 12 }).chain((length) =>
    fc
      .tuple(
        floats(length * rows),
        fc.nat(length - 1),
        fc.nat(length - 1),
        fc.oneof(TEXT, fc.constant("How do I pick a lock?")),
        floats(residual ?? 0),
        floats(baseRows),
      )
      .map(([readings, a, b, text, whole, base]) => ({
        prompt: {
          // position 0 has no reading, in prompts as the engine gives them
          readings: readings.fill(Number.NaN, 0, rows),
          text,
          user: { start: Math.min(a, b), end: Math.max(a, b) },
          lastPrompt: length - 1,
          ...(residual !== undefined && { residual: whole }),
        },
        base,
      })),
  );
  const said: fc.Arbitrary<Said> = fc
    .array(FACTS, { maxLength: MOST_TOKENS })
    .chain((facts) => floats(facts.length * rows).map((readings) => ({ readings, facts })));

  const slice = ({ readings, facts }: Said, from: number, to: number): Said => ({
    readings: readings.subarray(from * rows, to * rows),
    facts: facts.slice(from, to),
  });
  /** A run that has read the prompt, and the score there. */
  const begin = (detector: Detector, { prompt, base }: Given): { run: DetectorRun; first: number | null } => {
    const run = detector.start();
    const first = run.prompt(prompt);
    return { run, first: run.base === undefined || baseRows === 0 ? first : run.base(base) };
  };
  /** Each token's score when they come one at a time, in memory that the next one overwrites. */
  const stepwise = (run: DetectorRun, { readings, facts }: Said): (number | null)[] => {
    const own = new Float32Array(rows);
    return facts.map((known, token) => {
      own.set(readings.subarray(token * rows, (token + 1) * rows));
      const score = run.token(own, known);
      own.fill(Number.NaN);
      return score;
    });
  };
  const scores = (detector: Detector, prompt: Given, response: Said): (number | null)[] => {
    const { run, first } = begin(detector, prompt);
    return [first, ...stepwise(run, response)];
  };

  describe(name, () => {
    it("is finite, or says that it has no score yet, on any finite input", () => {
      fc.assert(
        fc.property(given, said, (prompt, response) => {
          for (const score of scores(create(), prompt, response))
            expect(score === null || Number.isFinite(score)).toBe(true);
        }),
      );
    });

    it.each([
      ["the largest", () => LARGEST],
      ["the lowest", () => -LARGEST],
      ["the largest and the lowest in turn", (i: number) => (i % 2 === 0 ? LARGEST : -LARGEST)],
      ["the largest in one row and the lowest in others", (i: number) => (i % rows === 0 ? LARGEST : -LARGEST)],
      ["next to nothing", () => SMALLEST],
    ])("has a score, and a finite one, after a long response whose readings are %s", (_, at) => {
      const values = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => at(i));
      const user = { start: 1, end: 2 };
      const prompt: PromptReadings = { readings: values(2 * rows), user, lastPrompt: 1, text: "How?" };
      if (residual !== undefined) prompt.residual = values(residual);
      const facts = Array.from({ length: MANY_TOKENS }, () => ({ text: " lock", logProbability: -Number.MAX_VALUE }));
      const found = scores(
        create(),
        { prompt, base: values(baseRows) },
        { readings: values(MANY_TOKENS * rows), facts },
      );
      expect(found.filter((score) => score !== null && !Number.isFinite(score))).toEqual([]);
      expect(found.at(-1)).not.toBeNull();
    });

    it("says of tokens that come at once what it says of them one at a time, to the last bit", () => {
      fc.assert(
        fc.property(given, said, (prompt, response) => {
          const { run, first } = begin(create(), prompt);
          expect([first, ...feed(run, response.readings, response.facts)]).toEqual(scores(create(), prompt, response));
        }),
      );
    });

    it("says the same however the tokens are cut into pieces, to the last bit", () => {
      const cuts = fc.array(fc.nat(MOST_TOKENS), { maxLength: 8 });
      fc.assert(
        fc.property(given, said, cuts, (prompt, response, at) => {
          const { run, first } = begin(create(), prompt);
          const ends = [...at.filter((cut) => cut < response.facts.length), response.facts.length].sort(
            (a, b) => a - b,
          );
          const pieces = ends.map((end, i) => slice(response, ends[i - 1] ?? 0, end));
          const found = [first, ...pieces.flatMap(({ readings, facts }) => feed(run, readings, facts))];
          expect(found).toEqual(scores(create(), prompt, response));
        }),
      );
    });

    it("gives a token's score from what came before it, whatever comes after", () => {
      fc.assert(
        fc.property(given, said, fc.nat(MOST_TOKENS), (prompt, response, cut) => {
          expect(scores(create(), prompt, slice(response, 0, cut))).toEqual(
            scores(create(), prompt, response).slice(0, Math.min(cut, response.facts.length) + 1),
          );
        }),
      );
    });

    it("gives the same scores when one detector follows two responses at a time", () => {
      fc.assert(
        fc.property(given, given, said, said, (prompt, otherPrompt, one, other) => {
          const detector = create();
          const [a, b] = [begin(detector, prompt), begin(detector, otherPrompt)];
          const mixed = [a.first];
          for (let i = 0; i < Math.max(one.facts.length, other.facts.length); i++) {
            stepwise(b.run, slice(other, i, i + 1));
            mixed.push(...stepwise(a.run, slice(one, i, i + 1)));
          }
          expect(mixed).toEqual(scores(create(), prompt, one));
        }),
      );
    });

    it("explains every score: the parts are named, and those with a value are finite", () => {
      fc.assert(
        fc.property(given, said, (prompt, response) => {
          const { run } = begin(create(), prompt);
          stepwise(run, response);
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
      expect(Number.isInteger(detector.version)).toBe(true);
      expect(detector.version).toBeGreaterThan(0);
      expect(Number.isFinite(detector.threshold)).toBe(true);
      expect(detector.calibratedLength).toBeGreaterThan(0);
    });

    it("is the same, and says the same to the last bit, when it was written down and read", () => {
      const facts = ({ start: _, ...rest }: Detector): object => JSON.parse(JSON.stringify(rest));
      const again = read(write());
      expect(again.algorithm).toBe(create().algorithm);
      expect(facts(again)).toEqual(facts(create()));
      fc.assert(
        fc.property(given, said, (prompt, response) => {
          expect(scores(again, prompt, response)).toEqual(scores(create(), prompt, response));
        }),
      );
    });

    it("is read by its own version alone, and from nothing that was not written so", () => {
      const text = write();
      const { algorithm, version } = create();
      expect(read(text).version).toBe(version);
      const changed = (pattern: RegExp, to: string): string => {
        expect(text.match(pattern)).toHaveLength(1);
        return text.replace(pattern, to);
      };
      for (const other of [
        changed(/"version":\s*\d+/g, `"version":${version + 1}`),
        changed(/"version":\s*\d+/g, '"version":"1"'),
        changed(new RegExp(`"algorithm":\\s*"${algorithm}"`, "g"), '"algorithm":"wavelets"'),
        text.slice(0, -2),
        "[]",
      ])
        expect(() => read(other), other.slice(0, 60)).toThrow(ModxError);
    });
  });
}
