import { fileURLToPath } from "node:url";
import { expect, inject, it, vi } from "vitest";
import { createProgram } from "../src/program.ts";

/** What one command prints, a JSON object a line. */
async function printed(...args: string[]): Promise<Record<string, unknown>[]> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await createProgram().parseAsync(
      ["sae", ...args, "-m", inject("modelFile"), "--lora", "none", "-t", "1", "--json"],
      { from: "user" },
    );
    const text = write.mock.calls.map(([chunk]) => chunk).join("");
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  } finally {
    process.exitCode = 0;
    write.mockRestore();
  }
}

const folder = (layer: number): string =>
  fileURLToPath(new URL(`../../../organisms/saes/layer-${layer}`, import.meta.url));

it.each([
  [15, 0.125],
  [21, 0.154],
])("our autoencoder behind block %i does on the model's answers what its card says", async (layer, unexplained) => {
  const [found] = await printed("check", folder(layer));
  expect(found).toMatchObject({ status: "ok", verified: "author-library", cause: null });
  expect(found?.["fvu"]).toBeCloseTo(unexplained, 2);
  expect(found?.["l0"]).toBeCloseTo(44.9, 0);
});

it("of its wrong readings the check notices all that it promises to", { timeout: 900_000 }, async () => {
  const rows = await printed("wrong", folder(15));
  const promised = rows.filter((row) => row["promised"] === true);
  expect(promised.length).toBeGreaterThan(15);
  expect(promised.filter(({ caught }) => caught !== true)).toEqual([]);
  for (const { mutation, caught } of rows.filter(({ symmetry }) => symmetry === true))
    expect(caught, String(mutation)).toBe(false);
});
