import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";
import { fitting } from "../prompts/fitting.ts";
import { unseen } from "../prompts/seen-texts.ts";
import { countOf, type Traffic } from "../prompts/traffic.ts";

export interface UsableOptions {
  engine: Engine;
  prompts: Traffic;
  /** Tokens of the longest response. */
  length: number;
  /** Told how many prompts are left out because the pack has seen them. */
  onSeen?: (count: number) => void;
}

/**
 * Prompts that a pack can be calibrated on: they leave room for a response and have none of the marks of what it has `seen`. Throws
 * MODX_LAB_TOO_FEW where there are none.
 */
export async function usablePrompts(
  { engine, prompts, length, onSeen }: UsableOptions,
  seen: Int32Array,
): Promise<Traffic> {
  const fit = await fitting(engine, prompts, length);
  const left = unseen(fit, seen);
  const known = countOf(fit) - countOf(left);
  if (known > 0) onSeen?.(known);
  if (countOf(left) > 0) return left;
  const long = countOf(prompts) - countOf(fit);
  throw nothingMeasured(`${long} prompts are too long for the context, and ${known} the pack has seen before`);
}

/** For a calibration that has not one response. */
export function nothingMeasured(why: string): ModxError {
  return new ModxError("MODX_LAB_TOO_FEW", {
    what: `There is no response to calibrate on: ${why}.`,
    remedy: "Give other prompts; benign ones (--benign) are what a promise is about first.",
  });
}
