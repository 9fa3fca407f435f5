import { expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import { auroc } from "../stats/ranking.ts";
import type { BlockResponse, BlockSet, Kind } from "../train/block-set.ts";
import { readProbe } from "../train/probe.ts";
import { selectAndTrain } from "../train/select.ts";
import { meanOfBlocks } from "../train/terms.ts";
import { shuffleControl } from "./shuffle-control.ts";

const WIDTH = 6;
const KINDS: Kind[] = ["complied", "refused", "benign", "sensitive"];

/** Responses whose kind shows in a coordinate: with true labels everything could be learnt. */
function responses(count: number): BlockResponse[] {
  const random = randomSource(9);
  return Array.from({ length: count }, (_, i) => {
    const kind = KINDS[i % KINDS.length] ?? "benign";
    const vector = (): Float32Array =>
      Float32Array.from({ length: WIDTH }, (__, k) => random() - 0.5 + (k === 0 && kind === "complied" ? 2 : 0));
    return {
      prompt: `p${i}`,
      source: "s",
      label: kind === "complied" || kind === "refused" ? "harmful" : kind,
      kind,
      arm: kind === "complied" ? "opening" : "natural",
      reader: "suspect",
      userMean: vector(),
      lastPrompt: vector(),
      baseLastPrompt: null,
      blocks: Array.from({ length: 4 }, vector),
    };
  });
}

it("finds nothing in labels that were dealt out anew, whatever the true ones would have shown", () => {
  const set: BlockSet = { taps: ["blocks.0.hook_resid_post"], width: WIDTH, responses: responses(400) };
  const { probes } = selectAndTrain(set);
  const read = (complied: boolean): number[] =>
    set.responses
      .filter(({ kind }) => (kind === "complied") === complied)
      .map((response) => readProbe(probes.content, meanOfBlocks(response, 0, 4)));
  expect(auroc(read(true), read(false))).toBeGreaterThan(0.95);

  const areas = shuffleControl(set, { times: 6, responses: 400 });
  expect(areas).toHaveLength(6);
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  expect(mean).toBeGreaterThan(0.4);
  expect(mean).toBeLessThan(0.6);
  for (const area of areas) expect(Math.abs(area - 0.5)).toBeLessThan(0.25);
});
