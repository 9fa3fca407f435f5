import type { TensorFile } from "@modx/tensors";
import { checkShape } from "./check-shape.ts";
import type { Layout } from "./layout.ts";
import { pick } from "./pick.ts";
import type { Active, EncoderRows, Rows, Sae } from "./sae.ts";

/** Some features in the canonical form; of matrices by rows only these are read. Throws MODX_SAE_SHAPE and what reading throws. */
export async function foldRows(file: TensorFile, layout: Layout, indices: readonly number[]): Promise<Rows> {
  const { width } = layout;
  const decoder = await pick(file, layout, layout.decoder, indices);
  const lengths = lengthsOf(layout, decoder);
  const rows = await fold(file, layout, indices, lengths);
  for (const [row, length] of lengths.entries())
    times(decoder.subarray(row * width, (row + 1) * width), layout.decoderScale / (length || 1));
  return { ...rows, decoder };
}

/** What finds these features; the decoder is read only where its lengths count. Throws as `foldRows`. */
export async function foldEncoder(file: TensorFile, layout: Layout, indices: readonly number[]): Promise<EncoderRows> {
  const decoder = layout.unitDecoder ? await pick(file, layout, layout.decoder, indices) : null;
  return fold(file, layout, indices, decoder === null ? onesFor(indices) : lengthsOf(layout, decoder));
}

async function fold(
  file: TensorFile,
  layout: Layout,
  indices: readonly number[],
  lengths: Float64Array,
): Promise<EncoderRows> {
  const { width, active } = layout;
  const encoder = await pick(file, layout, layout.encoder, indices);
  const decoderBias = await vector(file, layout.decoderBias, width);
  const bias = await some(file, layout.encoderBias, layout, indices);
  const thresholds = await thresholdsOf(file, layout, indices);
  const gate = active.rule === "gated" ? await gates(file, layout, active, indices) : null;
  for (const [row, length] of lengths.entries()) {
    const e = encoder.subarray(row * width, (row + 1) * width);
    // in the encoder's own scale, before anything is folded: what it subtracts is in its own input
    const subtracted = layout.subtractsDecoderBias ? dot(e, decoderBias) : 0;
    let factor = length;
    if (gate === null) bias[row] = length * ((bias[row] ?? 0) * layout.encoderBiasScale - subtracted);
    else {
      const [scale = 1, magnitude = 0, open = 0] = [gate.scale[row], gate.magnitude[row], gate.bias[row]];
      bias[row] = magnitude - scale * subtracted;
      // row . x + open > 0 in terms of the value: scale * (row . x) + magnitude > magnitude - scale * open
      thresholds[row] = Math.max(0, magnitude - scale * open);
      factor *= scale;
    }
    times(e, layout.inputScale * factor);
  }
  const alone = active.rule !== "topk" && active.rule !== "groupmax";
  return { encoder, bias, thresholds: alone ? thresholds : null };
}

/** By how much values are larger than the stored encoder's: the lengths of the decoder's rows, where they count. */
function lengthsOf({ width, unitDecoder }: Layout, decoder: Float32Array): Float64Array {
  return Float64Array.from({ length: decoder.length / width }, (_, row) => {
    const d = decoder.subarray(row * width, (row + 1) * width);
    return unitDecoder ? Math.sqrt(dot(d, d)) : 1;
  });
}

function onesFor(indices: readonly number[]): Float64Array {
  return new Float64Array(indices.length).fill(1);
}

/** The whole of it. */
export async function foldWhole(file: TensorFile, layout: Layout): Promise<Sae> {
  const { width, features, input, active } = layout;
  const all = Array.from({ length: features }, (_, index) => index);
  const { encoder, bias, decoder, thresholds } = await foldRows(file, layout, all);
  const decoderBias = (await vector(file, layout.decoderBias, width)).map((value) => value * layout.decoderBiasScale);
  const rule: Active =
    active.rule === "topk" || active.rule === "groupmax"
      ? { rule: active.rule, k: active.k }
      : { rule: "threshold", thresholds: thresholds ?? new Float32Array(features) };
  return { width, features, input, encoder, bias, decoder, decoderBias, active: rule };
}

async function some(
  file: TensorFile,
  name: string | null,
  { features }: Layout,
  indices: readonly number[],
): Promise<Float32Array> {
  const all = await vector(file, name, features);
  return Float32Array.from(indices, (index) => all[index] ?? 0);
}

async function thresholdsOf(file: TensorFile, layout: Layout, indices: readonly number[]): Promise<Float32Array> {
  const { active } = layout;
  // what is not above 0 is not active, whatever the threshold
  if (active.rule === "threshold")
    return new Float32Array(indices.length).fill(Math.max(0, active.value * active.scale));
  if (active.rule !== "thresholds") return new Float32Array(indices.length);
  const stored = await some(file, active.tensor, layout, indices);
  return stored.map((value) => Math.max(0, (active.logarithm ? Math.exp(value) : value) * active.scale));
}

async function gates(
  file: TensorFile,
  layout: Layout,
  { gateBias, magnitudeBias, logScale }: { gateBias: string; magnitudeBias: string; logScale: string },
  indices: readonly number[],
): Promise<{ bias: Float32Array; magnitude: Float32Array; scale: Float32Array }> {
  const [bias, magnitude, scale] = await Promise.all(
    [gateBias, magnitudeBias, logScale].map((name) => some(file, name, layout, indices)),
  );
  const none = new Float32Array(indices.length);
  return { bias: bias ?? none, magnitude: magnitude ?? none, scale: (scale ?? none).map(Math.exp) };
}

/** Zeros where the file has none. */
async function vector(file: TensorFile, name: string | null, length: number): Promise<Float32Array> {
  if (name === null) return new Float32Array(length);
  checkShape(file, name, [length]);
  return file.rows(name);
}

function times(row: Float32Array, factor: number): void {
  if (factor === 1) return;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) * factor;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
