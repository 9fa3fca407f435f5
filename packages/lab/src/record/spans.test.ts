import { expect, it } from "vitest";
import { spansOf } from "./spans.ts";

const PROMPT = {
  tokens: new Int32Array(9),
  segments: [
    { role: "template", message: -1, start: 0, end: 2 },
    { role: "system", message: 0, start: 2, end: 4 },
    { role: "template", message: -1, start: 4, end: 5 },
    { role: "user", message: 1, start: 5, end: 7 },
    { role: "template", message: -1, start: 7, end: 9 },
  ],
};
/** The role of each token, with its first letter. */
const letters = (count: number, forced: number, given: boolean): string =>
  spansOf(PROMPT, { count, forced, given })
    .map(({ role, start, end }) => role.slice(0, 1).repeat(end - start))
    .join("");

it("gives each token of prompt and response its role", () => {
  expect(letters(4, 0, false)).toBe("ttsstuuhhrrrr");
  expect(letters(4, 3, false)).toBe("ttsstuuhhfffr");
  expect(letters(4, 0, true)).toBe("ttsstuuhhgggg");
  expect(letters(0, 0, false)).toBe("ttsstuuhh");
  expect(spansOf(PROMPT, { count: 4, forced: 3, given: false }).slice(-2)).toEqual([
    { role: "forced", start: 9, end: 12 },
    { role: "response", start: 12, end: 13 },
  ]);
});

it("has no header where the prompt ends with a message", () => {
  const segments = PROMPT.segments.slice(0, 4);
  expect(spansOf({ tokens: new Int32Array(7), segments }, { count: 1, forced: 0, given: false }).at(-2)?.role).toBe(
    "user",
  );
});
