import { expect, it } from "vitest";
import { detectorSchema } from "./manifest.ts";

const DECLARED = { name: "d", version: 1, level: "alarm", description: "", threshold: null, calibrations: [] };
const JOINED = JSON.stringify({
  ...DECLARED,
  algorithm: "joined-terms",
  bias: 0.5,
  terms: [
    {
      name: "t",
      row: "r",
      over: "response",
      aggregate: { kind: "cusum", drift: 0.25 },
      within: [-3, 4],
      weight: 2,
    },
  ],
});
const LIST = JSON.stringify({
  ...DECLARED,
  algorithm: "feature-list",
  window: { width: 8, minimum: 2 },
  features: [{ row: "r", label: "", activation: { kind: "relu" }, tail: { floor: 0.5, scale: 0.25 } }],
});

it.each<[text: string, number: string, most: string, beyond: string[]]>([
  [JOINED, '"bias":0.5', '"bias":-1e60', ['"bias":-1.1e60', '"bias":1e999']],
  [JOINED, '"weight":2', '"weight":1e60', ['"weight":1.1e60', '"weight":-1e999']],
  [JOINED, '"drift":0.25', '"drift":-1e60', ['"drift":-1.1e60', '"drift":1e999']],
  [JOINED, "[-3,4]", "[-1e60,1e60]", ["[-1.1e60,4]", "[-3,1.1e60]", "[-3,1e999]"]],
  [LIST, '"floor":0.5', '"floor":-1e60', ['"floor":-1.1e60', '"floor":-1e999']],
  [LIST, '"scale":0.25', '"scale":1e-60', ['"scale":0.9e-60', '"scale":0', '"scale":1e999']],
])(
  "a number that a score is computed with is no larger, and a divisor no smaller, than keeps every score finite",
  (text, number, most, beyond) => {
    const reads = (to: string): boolean => {
      expect(text).toContain(number);
      return detectorSchema.safeParse(JSON.parse(text.replace(number, to))).success;
    };
    expect(reads(number)).toBe(true);
    expect(reads(most)).toBe(true);
    for (const one of beyond) expect(reads(one), one).toBe(false);
  },
);
