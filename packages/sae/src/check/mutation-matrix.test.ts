import { describe, expect, it } from "vitest";
import { planted } from "../testing/planted.ts";
import { type MutationRow, mutationMatrix } from "./mutation-matrix.ts";

/** What this check need not see: a neighbouring layer's dictionary is nearly the same, and so is what is scaled by little. */
const UNPROMISED = [
  ...["residuals are", "the encoder is"].flatMap((what) =>
    ["1.10", "1.25", "0.909", "0.800"].map((factor) => `${what} read times ${factor}`),
  ),
  "the decoder's lengths are left out",
  "residuals of layer 0+1",
  "residuals of layer 0-1",
];

describe.each(["threshold", "topk"] as const)("wrong readings of a planted dictionary, active by %s", (rule) => {
  const { sae, l0, layer, texts } = planted([0, 1, -1, 4, -4], rule);

  it.each([
    ["its number of active features is published", l0],
    ["nothing is published", null],
  ])("are caught where %s", async (_, published) => {
    const rows = await mutationMatrix(sae, texts, { layer, published: { l0: published } });
    expect(rows.filter(({ caught, promised }) => promised && !caught)).toEqual([]);
    const unpromised = rows.filter(({ promised, symmetry }) => !promised && !symmetry);
    expect(unpromised.map(({ mutation }) => mutation)).toEqual(UNPROMISED);
    expect(unpromised.filter(({ mutation }) => mutation.includes("layer")).map(({ caught }) => caught)).toEqual([
      false,
      false,
    ]);
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
