import { describe, expect, it } from "vitest";
import { replay } from "../evaluate/replay.ts";
import type { Kind } from "../train/block-set.ts";
import { type BaselineSpec, readBaseline, writeBaseline } from "./baseline-spec.ts";
import { createBaseline } from "./create-baseline.ts";
import { fitBaselines } from "./fit-baselines.ts";
import type { BaselineExample } from "./gather-examples.ts";
import { textScore } from "./tf-idf.ts";

const THINGS = ["car", "safe", "lock", "bike", "phone", "boat", "house", "shop"];

function example(i: number, kind: Kind): BaselineExample {
  const thing = THINGS[i % THINGS.length];
  const harmful = kind === "complied" || kind === "refused";
  const said =
    kind === "refused" ? `sorry but no ${i}` : `${harmful ? "break the glass of" : "clean the glass of"} the ${thing}`;
  return {
    prompt: harmful ? `how to steal a ${thing}` : `how to paint a ${thing}`,
    label: kind === "sensitive" ? "sensitive" : harmful ? "harmful" : "benign",
    beginnings: ["well", `well ${said}`],
    kind,
    early: Float32Array.of(kind === "complied" ? 1 : -1, i % 3),
    natural: kind !== "complied",
    lastPrompt: Float32Array.of(harmful ? 1 : -1, i % 5, i % 2, i % 7),
  };
}

const many = (count: number, kind: Kind): BaselineExample[] =>
  Array.from({ length: count }, (_, i) => example(i, kind));

/** What a baseline says of an answer's end; NaN where it was not trained. */
function last(detectors: readonly BaselineSpec[], algorithm: string, prompt: string, said: string): number {
  const spec = detectors.find((one) => one.algorithm === algorithm);
  if (spec === undefined) return Number.NaN;
  const pieces = said.split(/(?= )/);
  // as many tokens as it takes for any of them to speak
  while (pieces.length < 8) pieces.push("");
  const course = replay(createBaseline(spec), { prompt, tokens: pieces.map((_, i) => i), pieces });
  return course.at(-1) ?? Number.NaN;
}

describe("baselines", () => {
  it("tell complied answers by their words, by the request's, by both, and by the lowest layer", () => {
    const { response, early, detectors, chosen } = fitBaselines([
      ...many(40, "complied"),
      ...many(40, "benign"),
      ...many(40, "sensitive"),
      ...many(40, "refused"),
    ]);
    const [bad, good] = ["well break the glass of the car", "well clean the glass of the car"] as const;
    expect(response?.(bad)).toBeGreaterThan(response?.(good) ?? Number.POSITIVE_INFINITY);
    const of = (algorithm: string, prompt: string, said: string) => last(detectors, algorithm, prompt, said);
    expect(of("prompt-tf-idf", "how to steal a car", bad)).toBeGreaterThan(
      of("prompt-tf-idf", "how to paint a car", bad),
    );
    expect(of("tf-idf-of-both", "how to steal a car", bad)).toBeGreaterThan(
      of("tf-idf-of-both", "how to steal a car", "well sorry but no"),
    );
    expect(early?.(Float32Array.of(1, 0))).toBeGreaterThan(early?.(Float32Array.of(-1, 0)) ?? Number.POSITIVE_INFINITY);
    expect(chosen.join("; ")).toContain("trained on 40 complied, 40 benign, 40 sensitive, 40 refused");
    expect(chosen.join("; ")).toContain("words of both");
  });

  it("say as detectors, written down and read, what they say as functions", () => {
    const { response, detectors } = fitBaselines([
      ...many(40, "complied"),
      ...many(40, "benign"),
      ...many(40, "sensitive"),
      ...many(40, "refused"),
    ]);
    const [asked, said] = ["how to steal a car", "well break the glass of the car and then some"];
    const pieces = said.split(/(?= )/);
    const tokens = pieces.map((_, i) => i);
    const lastPrompt = Float32Array.of(1, 2, 1, 3);
    const found = detectors.map((spec) => {
      const detector = createBaseline(readBaseline(writeBaseline(spec)));
      return [detector.name, replay(detector, { prompt: asked, tokens, pieces }, lastPrompt).at(-1)];
    });
    const mixed = detectors.find((spec) => spec.algorithm === "tf-idf-of-both");
    if (mixed === undefined) throw new Error("both were not trained");
    const prompt = textScore(mixed.prompt);
    expect(found).toEqual([
      ["tf-idf", response?.(said)],
      ["prompt-tf-idf", prompt(asked)],
      ["refusal-words-and-prompt", prompt(asked)],
      ["tf-idf-of-both", prompt(asked) + mixed.factor * (response?.(said) ?? Number.NaN)],
      ["layer-fingerprint", expect.any(Number)],
      ["layer-fingerprint-among-refusals", expect.any(Number)],
    ]);
  });

  it("are not trained where there is nothing to learn from, instead of scoring everything alike", () => {
    const refusing = fitBaselines([...many(40, "refused"), ...many(40, "benign")]);
    expect([refusing.response, refusing.early]).toEqual([null, null]);
    const trained = refusing.detectors.map(({ algorithm }) => algorithm);
    expect(trained).not.toContain("tf-idf-of-both");
    expect(trained).toContain("prompt-tf-idf");
    expect(refusing.chosen.join("; ")).toContain("words of the answer: not trained");
    const none = fitBaselines([]);
    expect([none.response, none.early, none.detectors]).toEqual([null, null, []]);
  });
});
