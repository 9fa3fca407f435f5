import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors } from "@modx/tensors";
import { afterEach, describe, expect, it } from "vitest";
import { ablate, layOutEdits } from "../../src/edits/edit.ts";
import type { Engine } from "../../src/engine.ts";
import { openEngine } from "../../src/in-process-engine.ts";
import { tapName } from "../../src/taps/tap-name.ts";
import { NAMES_BLOCK_OUTPUT } from "../../src/taps/tap-source.ts";
import { cosine } from "../cosine.ts";

/*
 * Tiny random models, one of every shape of which modx claims to know where the residual stream is and that PyTorch can run here,
 * against PyTorch's residuals (`make.py` wrote both). They have plain, sliding-window and convolutional memories; the windows are shorter
 * than the text.
 */
const NAMES = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".gguf"))
  .map((file) => file.slice(0, -".gguf".length));
const SEQUENCES = 3;
const reference = readSafetensors(readFileSync(join(import.meta.dirname, "reference.safetensors")));

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
});

interface Expected {
  tokens: Int32Array;
  layers: number;
  width: number;
  /** [layers, tokens, width] */
  residuals: Float32Array;
}

function expected(name: string): Expected {
  const [tokens, residuals] = ["tokens", "residuals"].map((part) => reference.get(`${name}.${part}`));
  const [layers = 0, , width = 0] = residuals?.shape ?? [];
  if (!(tokens?.data instanceof Int32Array && residuals?.data instanceof Float32Array)) throw new Error(`no ${name}`);
  return { tokens: tokens.data, residuals: residuals.data, layers, width };
}

async function open(name: string, layers: number, sequences: number): Promise<Engine> {
  const model = join(import.meta.dirname, `${name}.gguf`);
  const taps = Array.from({ length: layers }, (_, layer) => tapName(layer));
  engine = await openEngine({ model, taps, sequences, contextTokens: 64, threads: 1 });
  return engine;
}

const row = (values: Float32Array, index: number, width: number): Float32Array =>
  values.subarray(index * width, (index + 1) * width);

it("covers every architecture that is read as a graph node", () => {
  expect(NAMES).toEqual(expect.arrayContaining([...NAMES_BLOCK_OUTPUT]));
});

describe.each(NAMES)("%s", (name) => {
  const { tokens, residuals: theirs, layers, width } = expected(name);

  it("has PyTorch's residuals behind every block at every position, and is far from those of another block", async () => {
    const opened = await open(name, layers, 1);
    const sequence = await opened.start({ maxTokens: tokens.length });
    const { residuals: ours = [] } = await sequence.decode(tokens, { capture: true });
    expect(ours.length).toBe(layers);
    for (const [layer, own] of ours.entries())
      for (const position of tokens.keys()) {
        const residual = row(own, position, width);
        const at = (block: number): Float32Array => row(theirs, block * tokens.length + position, width);
        expect(cosine(residual, at(layer)), `block ${layer}, position ${position}`).toBeGreaterThan(0.9999);
        if (layer > 0) expect(cosine(residual, at(layer - 1))).toBeLessThan(0.995);
      }
  });

  it("keeps each sequence's rows when several share every step, and the next one starts from nothing", async () => {
    const opened = await open(name, layers, SEQUENCES);
    // not in the order of their slots, of different lengths, and the first slot is used again while the others go on
    const texts = Array.from({ length: SEQUENCES + 1 }, (_, i) => tokens.subarray(5 * i, tokens.length - 2 * i));
    const alone: Float32Array[][] = [];
    for (const text of texts) {
      const sequence = await opened.start({ maxTokens: text.length });
      alone.push((await sequence.decode(text, { capture: true })).residuals ?? []);
      sequence.close();
    }
    const run = async (text: Int32Array): Promise<Float32Array[][]> => {
      const sequence = await opened.start({ maxTokens: text.length });
      const steps: Float32Array[][] = [];
      for (const token of text)
        steps.push((await sequence.decode(Int32Array.of(token), { capture: true })).residuals ?? []);
      sequence.close();
      return steps;
    };
    const together = await Promise.all(texts.map(run));
    for (const [index, steps] of together.entries())
      for (const [position, step] of steps.entries())
        for (const [layer, residual] of step.entries()) {
          const whole = row(alone[index]?.[layer] ?? new Float32Array(), position, width);
          expect(cosine(residual, whole), `text ${index}, block ${layer}, position ${position}`).toBeGreaterThan(
            0.9999,
          );
        }
  });
});

it("opens no more tokens than there are learned positions, and reads all of them", async () => {
  engine = await openEngine({ model: join(import.meta.dirname, "gpt2.gguf"), contextTokens: 4096, threads: 1 });
  const { trainedContext } = engine.model;
  expect(engine.properties.contextTokens).toBe(trainedContext);
  const tooLong = engine.start({ maxTokens: trainedContext + 1 });
  await expect(tooLong).rejects.toMatchObject({ code: "MODX_ENGINE_TOO_LONG" });
  const sequence = await engine.start({ maxTokens: trainedContext });
  await sequence.decode(new Int32Array(trainedContext).fill(1));
});

it("edits nothing where it does not know the residual stream", () => {
  const edits = { edits: [ablate(tapName(0), Float32Array.of(1, 0))] };
  expect(() => layOutEdits(edits, { architecture: "unheard-of", layers: 2, width: 2 })).toThrow(
    expect.objectContaining({ code: "MODX_ENGINE_ARCHITECTURE" }),
  );
  expect(layOutEdits(edits, { architecture: "llama", layers: 2, width: 2 }).edits).toHaveLength(1);
});
