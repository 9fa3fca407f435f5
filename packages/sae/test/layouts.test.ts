import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { decode, encode, foldWhole, llamaScope, localFolder, openSae } from "../src/index.ts";

/*
 * Families whose authors' library cannot write fixtures: files as their layouts were published, and their published formulas in
 * float64 (`layouts/make.py`, written without the readers). No pre-activation there is so near to its threshold that rounding decides.
 */
const LAYOUTS = join(import.meta.dirname, "layouts");
const expected = readSafetensors(readFileSync(join(LAYOUTS, "expected.safetensors")));
const RELATIVE = 1e-4;

interface Layout {
  /** Of what is expected. */
  name: string;
  family: string;
  path: string;
  layer: number;
}

const R1 = "llama-scope-r1-distill";
const LLAMA_SCOPE = "llama-scope/Llama3_1-8B-Base-L15R-8x";
const layouts: Layout[] = [
  { name: "llama-scope", family: "llama-scope", path: LLAMA_SCOPE, layer: 15 },
  { name: R1, family: R1, path: `${R1}/800M-Slimpajama-0-OpenR1-Math-220k/L15R`, layer: 15 },
  { name: `${R1}:decoder-norm`, family: R1, path: `${R1}/decoder-norm/L15R`, layer: 15 },
  { name: "gemma-scope", family: "gemma-scope", path: "gemma-scope/layer_20/width_16k/average_l0_71", layer: 20 },
  {
    name: "gemma-scope-2",
    family: "gemma-scope-2",
    path: "gemma-scope-2/resid_post/layer_12_width_16k_l0_medium",
    layer: 12,
  },
  { name: "goodfire", family: "goodfire", path: "goodfire/Llama-3.1-8B-Instruct-SAE-l19", layer: 19 },
  { name: "qwen-scope", family: "qwen-scope", path: "qwen-scope/SAE-Res-Qwen3.5-2B-Base-W32K-L0_6", layer: 20 },
  { name: "deepseek-r1", family: "deepseek-r1", path: "deepseek-r1/DeepSeek-R1-Distill-Llama-8B-SAE-l19", layer: 19 },
];

/** Rows of a matrix [rows, width]. */
function rows(name: string): Float32Array[] {
  const tensor = expected.get(name);
  const [count = 0, width = 0] = tensor?.shape ?? [];
  const data = tensor?.data;
  if (!(data instanceof Float32Array)) throw new Error(`no ${name}`);
  return Array.from({ length: count }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

const residuals = rows("residuals");

/** Values by feature, for each position. */
function activeIn(name: string): Map<number, number>[] {
  const [positions, features, values] = rows(`${name}:active`);
  const maps = residuals.map(() => new Map<number, number>());
  for (const [index, position] of positions?.entries() ?? [])
    maps[position]?.set(features?.[index] ?? -1, values?.[index] ?? 0);
  return maps;
}

function expectNear(own: number, theirs: number, where: string): void {
  expect(Math.abs(own - theirs), where).toBeLessThanOrEqual(RELATIVE * Math.max(1, Math.abs(theirs)));
}

async function compare(name: string, { file, layout }: Pick<Awaited<ReturnType<typeof openSae>>, "file" | "layout">) {
  const sae = await foldWhole(file, layout);
  await file.close();
  const [active, decoded] = [activeIn(name), rows(`${name}:decoded`)];
  for (const [position, x] of residuals.entries()) {
    const code = encode(sae, x);
    const theirs = active[position] ?? new Map<number, number>();
    expect(
      [...code.features].sort((a, b) => a - b),
      `position ${position}`,
    ).toEqual([...theirs.keys()]);
    for (const [index, feature] of code.features.entries())
      expectNear(code.values[index] ?? 0, theirs.get(feature) ?? 0, `position ${position}, feature ${feature}`);
    for (const [i, value] of decode(sae, code, x).entries())
      expectNear(value, decoded[position]?.[i] ?? 0, `position ${position}, decoded ${i}`);
  }
}

describe.each(layouts)("$name", ({ name, family, path, layer }) => {
  it("is recognised, with its layer", async () => {
    const opened = await openSae(await localFolder(join(LAYOUTS, path)));
    await opened.file.close();
    expect(opened.family.name).toBe(family);
    expect(opened.about.layer).toBe(layer);
  });

  it("has the active features, values and residuals of the published formula", async () => {
    await compare(name, await openSae(await localFolder(join(LAYOUTS, path))));
  });
});

it("reads Llama Scope as SAELens does, where asked to", async () => {
  await compare(
    "llama-scope:sae-lens",
    await llamaScope("sae-lens").open(await localFolder(join(LAYOUTS, LLAMA_SCOPE))),
  );
});
