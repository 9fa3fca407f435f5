import { ablate, type Edit, type TapName } from "@modx/engine";
import type { Sae } from "@modx/sae";

/** Edits that put zero in place of the residual. */
export function zeroEdits(tap: TapName, width: number): Edit[] {
  return Array.from({ length: width }, (_, i) => ablate(tap, axis(width, i)));
}

/** Edits that put an autoencoder's reconstruction in place of the residual; null where its features are not active by thresholds of their own. */
export function spliceEdits(
  tap: TapName,
  { width, features, input, encoder, bias, decoder, decoderBias, active }: Sae,
): Edit[] | null {
  if (active.rule !== "threshold" || input !== "raw") return null;
  const edits: Edit[] = [...zeroEdits(tap, width), { tap, direction: decoderBias, change: { kind: "add", amount: 1 } }];
  for (let feature = 0; feature < features; feature++) {
    const row = (all: Float32Array): Float32Array => all.subarray(feature * width, (feature + 1) * width);
    const weights = row(encoder);
    const own = bias[feature] ?? 0;
    edits.push({
      tap,
      direction: row(decoder),
      // from minus its value to 0: its value is added, once
      change: { kind: "clamp", to: 0, feature: { weights: weights.map((value) => -value), bias: -own } },
      gate: { weights, bias: own, above: active.thresholds[feature] ?? 0 },
    });
  }
  return edits;
}

function axis(width: number, at: number): Float32Array {
  const unit = new Float32Array(width);
  unit[at] = 1;
  return unit;
}
