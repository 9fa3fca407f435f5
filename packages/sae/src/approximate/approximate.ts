import { MOST_PRODUCTS, productsOf } from "../check/products.ts";
import { positionsOf, type Residuals } from "../check/residuals.ts";
import { activeAmong } from "../form/active.ts";
import { type Projector, plainProjector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";

/** One threshold in place of a rule that compares features with each other. */
export interface Approximation {
  /** In the unit of the values; a feature counts as active strictly above. */
  threshold: number;
  /** Share of what is above it that the rule has active, over all features, on tokens that it was not chosen on. */
  precision: number;
  /** Share of what the rule has active that is above it, likewise. */
  recall: number;
  /** Tokens that both were measured on. */
  tokens: number;
}

/** Thresholds that are tried: quantiles of the smallest active value of a token, which is active itself. */
const CANDIDATES = 32;
const JUST_BELOW = 1 - 1e-6;

/**
 * The threshold above which features count best as active (F1 over all features), for families that keep the largest of all. It is chosen
 * on every other text and measured on the rest. Null where there are fewer than two texts.
 */
export async function approximateThreshold(
  sae: Sae,
  texts: readonly Residuals[],
  project: Projector = plainProjector,
): Promise<Approximation | null> {
  const [chosen, measured] = [0, 1].map((parity) => texts.filter((_, index) => index % 2 === parity));
  const most = Math.max(1, Math.floor(MOST_PRODUCTS / sae.features / 2));
  const here = await codesOf(sae, positionsOf(chosen ?? [], sae.width, most).tokens, project);
  const there = await codesOf(sae, positionsOf(measured ?? [], sae.width, most).tokens, project);
  const smallest = here.active.map((active, at) => Math.min(...active.map((feature) => readingOf(here, at, feature))));
  const sorted = smallest.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0 || there.active.length === 0) return null;
  let best = { threshold: 0, f1: -1 };
  for (let i = 0; i < CANDIDATES; i++) {
    const threshold = JUST_BELOW * (sorted[Math.floor((i * sorted.length) / CANDIDATES)] ?? 0);
    const { precision, recall } = agreement(here, threshold);
    const f1 = (2 * precision * recall) / (precision + recall || 1);
    if (f1 > best.f1) best = { threshold, f1 };
  }
  return { threshold: best.threshold, ...agreement(there, best.threshold), tokens: there.active.length };
}

interface Codes {
  /** Of each position, by the rule. */
  active: number[][];
  /** [positions, features], less the bias. */
  products: Float32Array;
  bias: Float32Array;
}

async function codesOf(sae: Sae, residuals: Float32Array, project: Projector): Promise<Codes> {
  const { bias, active: rule, width, features } = sae;
  const { values: products } = await productsOf(sae, residuals, project);
  const values = new Float64Array(features);
  const active = Array.from({ length: residuals.length / width }, (_, position) => {
    for (let feature = 0; feature < features; feature++)
      values[feature] = (products[position * features + feature] ?? 0) + (bias[feature] ?? 0);
    return activeAmong(rule, values);
  });
  return { active, products, bias };
}

function readingOf({ products, bias }: Codes, position: number, feature: number): number {
  return (products[position * bias.length + feature] ?? 0) + (bias[feature] ?? 0);
}

function agreement(codes: Codes, threshold: number): { precision: number; recall: number } {
  const { products, bias } = codes;
  const features = bias.length;
  let [both, above, active] = [0, 0, 0];
  for (const [position, list] of codes.active.entries()) {
    for (let feature = 0, at = position * features; feature < features; feature++, at++)
      if ((products[at] ?? 0) + (bias[feature] ?? 0) > threshold) above += 1;
    for (const feature of list) if (readingOf(codes, position, feature) > threshold) both += 1;
    active += list.length;
  }
  return { precision: both / (above || 1), recall: both / (active || 1) };
}
