import { createHash } from "node:crypto";
import type { Engine, TapName } from "@modx/engine";
import { type Code, encodeAll, type Projector, type Sae } from "@modx/sae";

/** A sparse autoencoder that features are read with, at a tap that the engine was opened with. */
export interface Autoencoder {
  /** What a report calls it. */
  name: string;
  tap: TapName;
  sae: Sae;
  /** sha256 of what finds its features. */
  sha256: string;
  /** Multiplies; in JavaScript when absent. */
  project?: Projector;
}

export function hashOfSae({ input, encoder, bias, active }: Sae): string {
  const hash = createHash("sha256");
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
    new Uint8Array(buffer, byteOffset, byteLength);
  hash.update(input).update(bytes(encoder)).update(bytes(bias));
  if (active.rule === "threshold") hash.update(active.rule).update(bytes(active.thresholds));
  else hash.update(`${active.rule} ${active.k}`);
  return hash.digest("hex");
}

/** Active features at positions of captured residuals, which are those of each of the engine's taps, [tokens, width]. */
export async function featuresAt(
  { taps, model: { width } }: Pick<Engine, "taps" | "model">,
  { tap, sae, project }: Autoencoder,
  residuals: readonly Float32Array[] | undefined,
  positions: readonly number[],
): Promise<Code[]> {
  const all = residuals?.[taps.indexOf(tap)];
  if (all === undefined) throw new RangeError(`nothing was captured at ${tap}`);
  const some = new Float32Array(positions.length * width);
  for (const [i, position] of positions.entries())
    some.set(all.subarray(position * width, (position + 1) * width), i * width);
  return encodeAll(sae, some, project);
}
