import type { Residuals } from "../check/residuals.ts";
import type { Active, Sae } from "../form/sae.ts";
import { randomSource } from "./random-source.ts";

const [WIDTH, FEATURES] = [256, 512];
/** Directions of a token, and how far along each it is; what noise there is in each dimension. */
const [ACTIVE, LEAST, MOST, NOISE] = [4, 6, 10, 0.05];
/** Between this and the least size is where values of what is not there end, and of what is there begin. */
const THRESHOLD = 4;
/** By how much the directions, and the mean, are turned from one layer to the next, as a share. */
const TURN = 0.2;

/** Residuals that are really made of a dictionary, so that the autoencoder that reads them rightly is known. */
export interface Planted {
  sae: Sae;
  /** Active features of a token. */
  l0: number;
  /** The layer that the dictionary is of. */
  layer: number;
  /** Texts at that layer and at others, whose dictionaries and means are turned away from it the further they are. */
  texts: Map<number, Residuals[]>;
}

export function planted(layers: readonly number[] = [0], active: "threshold" | "topk" = "threshold"): Planted {
  const random = randomSource(9);
  const normal = (): number => random() + random() + random() + random() - 2;
  const vector = (): number[] => Array.from({ length: WIDTH }, normal);
  const [own, other] = [Array.from({ length: FEATURES }, vector), Array.from({ length: FEATURES }, vector)];
  const [mean, otherMean] = [vector(), vector()];
  const blend = (a: readonly number[], b: readonly number[], layer: number): number[] =>
    a.map((value, i) => Math.cos(TURN * layer) * value + Math.sin(TURN * layer) * (b[i] ?? 0));
  const texts = layers.map((layer): [number, Residuals[]] => {
    const directions = own.map((row, i) => unit(blend(row, other[i] ?? [], layer)));
    const centre = blend(mean, otherMean, layer).map((value) => 2 * value);
    const residual = (): number[] => {
      const out = centre.map((value) => value + NOISE * normal());
      for (let i = 0; i < ACTIVE; i++) {
        const row = directions[Math.floor(random() * FEATURES)] ?? [];
        const size = LEAST + (MOST - LEAST) * random();
        for (let k = 0; k < WIDTH; k++) out[k] = (out[k] ?? 0) + size * (row[k] ?? 0);
      }
      return out;
    };
    const text = (): Residuals => ({ values: Float32Array.from(Array.from({ length: 20 }, residual).flat()), from: 0 });
    return [layer, Array.from({ length: 10 }, text)];
  });
  return { sae: reading(own.map(unit), mean, active), l0: ACTIVE, layer: 0, texts: new Map(texts) };
}

/** Reads residuals by the directions themselves. */
function reading(directions: readonly number[][], mean: readonly number[], active: Active["rule"]): Sae {
  const centre = mean.map((value) => 2 * value);
  const rows = Float32Array.from(directions.flat());
  return {
    width: WIDTH,
    features: FEATURES,
    input: "raw",
    encoder: rows,
    bias: Float32Array.from(directions, (row) => -row.reduce((sum, value, i) => sum + value * (centre[i] ?? 0), 0)),
    decoder: rows.slice(),
    decoderBias: Float32Array.from(centre),
    active:
      active === "topk"
        ? { rule: "topk", k: ACTIVE }
        : { rule: "threshold", thresholds: new Float32Array(FEATURES).fill(THRESHOLD) },
  };
}

function unit(row: readonly number[]): number[] {
  const length = Math.hypot(...row);
  return row.map((value) => value / length);
}
