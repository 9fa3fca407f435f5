import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { decode, encode, foldRows, foldWhole, localFolder, openSae, type Sae } from "../src/index.ts";

/* What the authors' own libraries make of the same residuals, on files that they wrote (`fixtures/make.py`). */
const FIXTURES = join(import.meta.dirname, "fixtures");
const expected = readSafetensors(readFileSync(join(FIXTURES, "expected.safetensors")));
const names = [...expected.keys()].flatMap((key) => (key.endsWith(":values") ? [key.slice(0, -":values".length)] : []));
/** A pre-activation so near to its threshold may fall on either side. */
const NEAR = 1e-5;
const RELATIVE = 1e-4;

function matrix(name: string): { data: Float32Array; rows: number; width: number } {
  const tensor = expected.get(name);
  const [rows = 0, width = 0] = tensor?.shape ?? [];
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`no ${name}`);
  return { data: tensor.data, rows, width };
}

/** Distance of a value from where being active ends. */
function margin({ active }: Sae, feature: number, value: number): number {
  return active.rule === "threshold" ? Math.abs(value - (active.thresholds[feature] ?? 0)) : Number.POSITIVE_INFINITY;
}

describe.each(names)("%s", (name) => {
  it("has the library's active features, values and residuals", async () => {
    const { family, file, layout, about } = await openSae(await localFolder(join(FIXTURES, name)));
    const sae = await foldWhole(file, layout);
    await file.close();
    expect(name.startsWith(family.name)).toBe(true);
    expect(about.layer).toBe(5);
    const [residuals, values, decoded] = [matrix("residuals"), matrix(`${name}:values`), matrix(`${name}:decoded`)];
    // the library's value is in the unit of the stored decoder, ours in that of its length, where it normalises when it loads
    for (let position = 0; position < residuals.rows; position++) {
      const x = residuals.data.subarray(position * residuals.width, (position + 1) * residuals.width);
      const code = encode(sae, x);
      const ours = new Map(code.features.map((feature, index) => [feature, code.values[index] ?? 0]));
      for (let feature = 0; feature < values.width; feature++) {
        const theirs = values.data[position * values.width + feature] ?? 0;
        const own = ours.get(feature) ?? 0;
        if (own > 0 === theirs > 0)
          expect(Math.abs(own - theirs), `position ${position}, feature ${feature}`).toBeLessThanOrEqual(
            RELATIVE * Math.max(1, Math.abs(theirs)),
          );
        else
          expect(margin(sae, feature, Math.max(own, theirs)), `position ${position}, feature ${feature}`).toBeLessThan(
            NEAR,
          );
      }
      const said = decode(sae, code, x);
      for (const [i, value] of said.entries()) {
        const theirs = decoded.data[position * decoded.width + i] ?? 0;
        expect(Math.abs(value - theirs)).toBeLessThanOrEqual(RELATIVE * Math.max(1, Math.abs(theirs)));
      }
    }
  });

  it("lies in its file as the library keeps it, and some of its rows are the whole's", async () => {
    const { file, layout } = await openSae(await localFolder(join(FIXTURES, name)));
    // dictionary_learning makes its encoder by turning its decoder
    expect(file.byColumns(layout.encoder.tensor)).toBe(name.startsWith("dictionary-learning"));
    const [whole, indices] = [await foldWhole(file, layout), [63, 0, 17, 18]];
    const rows = await foldRows(file, layout, indices);
    await file.close();
    for (const [row, feature] of indices.entries())
      for (const part of ["encoder", "decoder"] as const)
        expect([...rows[part].subarray(row * layout.width, (row + 1) * layout.width)]).toEqual([
          ...whole[part].subarray(feature * layout.width, (feature + 1) * layout.width),
        ]);
  });
});
