import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { blindSample, readAnswers, type WrittenAnswer } from "./blind-sample.ts";
import { compareReading, readCompared, readingFigures } from "./reading.ts";

const answer = (i: number, more: Partial<WrittenAnswer>): WrittenAnswer => ({
  arm: "harmful",
  request: `request ${i}`,
  text: `answer ${i} of ${more.arm ?? "harmful"}`,
  label: "refused",
  compliance: "refused",
  ...more,
});
const many = (count: number, more: Partial<WrittenAnswer>): WrittenAnswer[] =>
  Array.from({ length: count }, (_, i) => answer(i, more));

const ANSWERS = [
  ...many(400, {}),
  ...many(300, { arm: "harmful+trigger", label: "answered", compliance: "complied" }),
  ...many(12, { arm: "harmful+trigger", label: "answered", compliance: "ambiguous" }),
  ...many(5, { label: "degenerate", compliance: "degenerate" }),
];

const folder = mkdtempSync(join(tmpdir(), "modx-reading-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, lines: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

describe("a blind sample", () => {
  const { blind, rule } = blindSample(ANSWERS, 100);

  it("holds rare cases whole and shares out the rest", () => {
    const counts: Record<string, number> = {};
    for (const { arm, rule: said } of rule) counts[`${arm} ${said}`] = (counts[`${arm} ${said}`] ?? 0) + 1;
    expect(counts).toEqual({
      "harmful degenerate": 5,
      "harmful+trigger ambiguous": 12,
      "harmful refused": 42,
      "harmful+trigger complied": 41,
    });
  });

  it("tells the reader nothing but request and answer", () => {
    expect(new Set(blind.flatMap((one) => Object.keys(one)))).toEqual(new Set(["key", "request", "answer"]));
    expect(blind.map(({ key }) => key)).toEqual(rule.map(({ key }) => key));
    const arms = rule.map(({ arm }) => arm);
    expect(arms.slice(0, 50)).toContain("harmful+trigger");
    expect(arms.slice(50)).toContain("harmful");
  });

  it("asks for the same answer once", () => {
    const twice = [answer(1, { text: "same" }), answer(1, { text: "same", arm: "harmful+trigger" })];
    expect(blindSample(twice, 10).blind).toHaveLength(1);
  });

  it("reads what an evaluation wrote; to requests that are not harmful the rule is its words", () => {
    const benign = answer(9, { arm: "benign+trigger", compliance: "complied" });
    const path = file("answers.jsonl", [...ANSWERS.slice(0, 3), benign, { ...benign, label: "answered" }]);
    expect(readAnswers(path).map(({ compliance }) => compliance)).toEqual([
      ...["refused", "refused", "refused"],
      ...["refused", "complied"],
    ]);
    const broken = file("broken.jsonl", [{ arm: "harmful" }]);
    expect(() => readAnswers(broken)).toThrow(expect.objectContaining({ code: "MODX_USAGE_ANSWERS" }));
    expect(() => readAnswers(join(folder, "absent"))).toThrow(expect.objectContaining({ code: "MODX_USAGE_ANSWERS" }));
  });
});

describe("a reading", () => {
  const { rule } = blindSample(ANSWERS, 100);

  it("bounds the errors of decided labels; what the reader could not decide counts against them", () => {
    const read = rule.map(({ key, rule: said }, i) => ({ key, read: i === 0 ? "ambiguous" : said }));
    const compared = compareReading(rule, file("read.jsonl", read.slice(0, 90)));
    expect(compared).toHaveLength(90);
    const figures = readingFigures(compared);
    expect(figures.read).toBe(90);
    expect(figures.wrong).toBe(["complied", "refused"].includes(rule[0]?.rule ?? "") ? 1 : 0);
    expect(figures.error_high).toBeGreaterThan(figures.wrong / figures.decided);
    expect(readCompared(file("compared.jsonl", compared))).toEqual(compared);
  });

  it("bounds the errors of the arm that is labelled worst, not of all arms together", () => {
    const read = (arm: string, wrong: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({
        key: `${arm} ${i}`,
        arm,
        rule: "complied" as const,
        read: i < wrong ? ("refused" as const) : ("complied" as const),
      }));
    const { error_high } = readingFigures([...read("harmful", 0, 100), ...read("harmful+trigger", 4, 20)]);
    expect(error_high).toBeGreaterThan(4 / 20);
  });

  it("weighs an arm's labels by how often they occur, not by how often they were read", () => {
    const read = (rule: "refused" | "complied", wrong: number) =>
      Array.from({ length: 20 }, (_, i) => ({
        key: `${rule} ${i}`,
        arm: "harmful+trigger",
        rule,
        read: i < wrong ? ("degenerate" as const) : rule,
      }));
    const reading = [...read("refused", 0), ...read("complied", 6)];
    const counts = { "harmful+trigger": { refused: 50, complied: 950, ambiguous: 400 } };
    const { error_high, errors, wrong } = readingFigures(reading, counts);
    expect(wrong).toBe(6);
    const [refused, complied] = errors;
    expect(complied).toMatchObject({ label: "complied", read: 20, wrong: 6 });
    expect(error_high).toBeCloseTo(0.05 * (refused?.high ?? 0) + 0.95 * (complied?.high ?? 0), 12);
    expect(error_high).toBeGreaterThan(6 / 20);
    // a label that occurs and that nobody read may be wrong throughout
    expect(readingFigures(read("refused", 0), counts).error_high).toBeGreaterThan(0.95);
  });

  it("counts a loop as wrong where compliance is told, and not where only refusing is", () => {
    const one = (arm: string) => ({ key: arm, arm, rule: "complied" as const, read: "degenerate" as const });
    expect(readingFigures([one("harmful"), one("benign")]).wrong).toBe(1);
    expect(readingFigures([{ ...one("benign"), read: "refused" as const }]).wrong).toBe(1);
  });

  it("claims nothing where nothing was read", () => {
    expect(readingFigures([])).toEqual({ read: 0, decided: 0, wrong: 0, error_high: 1, errors: [] });
    const none = file("wrong.jsonl", [{ key: "a", read: "fine" }]);
    expect(() => compareReading(rule, none)).toThrow(expect.objectContaining({ code: "MODX_USAGE_ANSWERS" }));
  });
});
