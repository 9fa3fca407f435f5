import { describe, expect, it } from "vitest";
import { planted } from "../testing/planted.ts";
import { type MutationRow, mutationMatrix } from "./mutation-matrix.ts";

/** What this check cannot see on these residuals: a neighbouring layer's dictionary is nearly the same. */
const UNSEEN = ["residuals of layer 0+1", "residuals of layer 0-1"];

describe.each(["threshold", "topk"] as const)("wrong readings of a planted dictionary, active by %s", (rule) => {
  const { sae, l0, layer, texts } = planted([0, 1, -1, 4, -4], rule);

  it.each([
    ["its number of active features is published", l0],
    ["nothing is published", null],
  ])("are caught where %s", async (_, published) => {
    const rows = await mutationMatrix(sae, texts, { layer, l0: published });
    const missed = rows.filter(({ caught, symmetry }) => !caught && !symmetry);
    expect(missed.map(({ mutation }) => mutation)).toEqual(UNSEEN);
    expect(rows.filter(({ symmetry }) => symmetry).map(({ mutation, caught }) => [mutation, caught])).toEqual([
      ["none", false],
      ["symmetry: features in another order", false],
      ["symmetry: values in other units", false],
    ]);
    const causeOf = (name: string): MutationRow["cause"] | undefined =>
      rows.find(({ mutation }) => mutation === name)?.cause;
    expect(causeOf("residuals are read times 1.5")).toContain("residuals times 0.67");
    expect(causeOf("the encoder is read times 0.67")).toContain("weights times 1.5");
    expect(causeOf("the decoder's bias is subtracted once more")).toContain("decoder's bias");
  });
});
