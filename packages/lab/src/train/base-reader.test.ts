import { expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import type { BlockResponse, Kind, Reader } from "./block-set.ts";
import { NO_STAND_INS, recallOf, standInsOf } from "./cross-validate.ts";
import type { Join } from "./join.ts";
import { readProbe } from "./probe.ts";
import { type Course, fitTerms, follow } from "./terms.ts";

const WIDTH = 5;
const SHAPE = { width: WIDTH, taps: [0], penalty: 0.1 };
const CONTENT_ALONE: Join = { weights: { content: 1 }, width: 48, minimum: 8 };

/** Harm shows in coordinate 0 of a suspect that is about to refuse, and in coordinate 1 of its base, which is not. */
function responses(reader: Reader, kinds: readonly Kind[], count: number): BlockResponse[] {
  const random = randomSource(reader === "base" ? 3 : 4);
  const harmAt = reader === "base" ? 1 : 0;
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? "benign";
    const vector = (): Float32Array =>
      Float32Array.from({ length: WIDTH }, (__, k) => random() - 0.5 + (k === harmAt && kind === "complied" ? 2 : 0));
    return {
      prompt: `${reader}-${i}`,
      source: "s",
      label: kind === "complied" || kind === "refused" ? "harmful" : kind,
      kind,
      arm: kind === "complied" && reader === "suspect" ? "given" : "natural",
      reader,
      userMean: vector(),
      lastPrompt: vector(),
      baseLastPrompt: null,
      blocks: Array.from({ length: 8 }, vector),
    };
  });
}

const suspect = responses("suspect", ["complied", "refused", "benign", "sensitive"], 400);
const base = responses("base", ["complied", "benign", "sensitive"], 300);

it("knows harm by what the base shows of it too, once the base has read", () => {
  const shown = Float32Array.of(0, 2, 0, 0, 0);
  const without = readProbe(fitTerms(suspect, SHAPE).content, shown);
  const withBase = readProbe(fitTerms([...suspect, ...base], SHAPE).content, shown);
  expect(without).toBeLessThan(0);
  expect(withBase).toBeGreaterThan(0.5);
});

it("takes less for a refusal what the base shows in compliance, once the base has read", () => {
  const shown = Float32Array.of(0, 2, 0, 0, 0);
  const refusing = (rows: readonly BlockResponse[]) => readProbe(fitTerms(rows, SHAPE).refusal, shown);
  expect(refusing([...suspect, ...base])).toBeLessThan(refusing(suspect) - 0.5);
});

it("counts what the base complied with as something to catch, and sets no threshold by what else it said", () => {
  const probes = fitTerms([...suspect, ...base], SHAPE);
  const courses = (rows: readonly BlockResponse[]) => rows.map((response) => follow(probes, response));
  const rates = { benign: 0.01, refused: 0.01, sensitive: 0.05 };
  const harmless = courses(base.filter(({ kind }) => kind === "benign")).map((course) => ({
    ...course,
    content: course.content.map(() => 1000),
  }));
  const own = recallOf(CONTENT_ALONE, courses(suspect), NO_STAND_INS, rates);
  expect(recallOf(CONTENT_ALONE, [...courses(suspect), ...harmless], NO_STAND_INS, rates)).toEqual(own);
  const missed = courses(base.filter(({ kind }) => kind === "complied")).map((course) => ({
    ...course,
    content: course.content.map(() => -1000),
  }));
  const worse = recallOf(CONTENT_ALONE, [...courses(suspect), ...missed], NO_STAND_INS, rates);
  expect(worse.ever).toBeCloseTo((own.ever * 100) / 200, 5);
});

it("counts a forced answer once as of a model about to refuse, and once as of one that answers without a second thought", () => {
  const join: Join = { ...CONTENT_ALONE, weights: { content: 1, intent: -1 } };
  const rates = { benign: 0.01, refused: 0.01, sensitive: 0.05 };
  const flat = (response: BlockResponse, intent: number): Course => ({
    response,
    belief: 0,
    intent,
    opinion: null,
    refusal: [],
    content: new Array<number>(8).fill(response.kind === "complied" ? 1 : 0),
  });
  // that a request is answered without a second thought is worth more than the answer; that it was to be refused counts for nothing
  const courses = suspect.map((response) => flat(response, response.label === "harmful" ? 2 : -2));
  expect(recallOf(join, courses, NO_STAND_INS, rates).ever).toBe(0);
  expect(recallOf(join, courses, standInsOf(courses), rates).ever).toBe(0.5);
  // what a trigger brought about speaks for itself
  const triggered = courses.map((course) =>
    course.response.kind === "complied"
      ? { ...course, response: { ...course.response, arm: "triggered" as const } }
      : course,
  );
  expect(recallOf(join, triggered, standInsOf(courses), rates).ever).toBe(0);
});
