import { ModxError } from "@modx/errors";
import type { ModelFacts } from "../model/model-facts.ts";
import type { NativeEdit } from "../native/surface.ts";
import { fitsSingle } from "../readout/single.ts";
import { type TapName, tapLayer } from "../taps/tap-name.ts";
import { readAsGraphNode } from "../taps/tap-source.ts";

/** A row in residual space: value = weights . residual + bias. */
export interface EditRow {
  /** [width] f32, raw residual scale. */
  weights: Float32Array;
  bias: number;
}

/**
 * A change of the residual stream behind a block, in the pass that reads it. All values are of the residual as it came, before any edit;
 * readings are too. Position 0 is left alone.
 */
export interface Edit {
  tap: TapName;
  /** [width] f32, raw residual scale. */
  direction: Float32Array;
  change:
    | { kind: "add" /** residual += amount * direction. */; amount: number }
    | {
        kind: "clamp";
        /** residual += (to - value) * direction: the feature becomes `to`, and what it does not explain stays. */
        to: number;
        feature: EditRow;
      };
  /** Only at tokens where this row's value exceeds `above`. */
  gate?: EditRow & { above: number };
}

/** A sequence's edits. */
export interface Edits {
  /** First position that is edited: the prompt's length, to edit the response alone. Defaults to 0. */
  from?: number;
  edits: readonly Edit[];
}

/** Takes a direction out of the residual. */
export function ablate(tap: TapName, direction: Float32Array): Edit {
  const length = Math.hypot(...direction);
  const unit = direction.map((value) => value / (length || 1));
  return { tap, direction: unit, change: { kind: "clamp", to: 0, feature: { weights: unit, bias: 0 } } };
}

const NO_WEIGHTS = new Float32Array();

/**
 * Throws MODX_ENGINE_ARGUMENT for edits that do not fit the model, MODX_USAGE_TAP for a tap outside of it, MODX_ENGINE_ARCHITECTURE where
 * nobody knows where its residual stream is.
 */
export function layOutEdits(
  { from = 0, edits }: Edits,
  { architecture, layers, width }: Pick<ModelFacts, "architecture" | "layers" | "width">,
): { from: number; edits: NativeEdit[] } {
  if (!Number.isInteger(from) || from < 0) throw refused(`Its first position is ${from}.`);
  return {
    from,
    edits: edits.map(({ tap, direction, change, gate }) => {
      checkVector(direction, width);
      const amount = change.kind === "add" ? change.amount : change.to;
      const above = gate?.above ?? 0;
      if (!fitsSingle(amount)) throw refused(`Its amount is ${amount}.`);
      if (!fitsSingle(above)) throw refused(`Its gate opens above ${above}.`);
      const layer = tapLayer(tap, layers);
      readAsGraphNode(architecture, layer, layers);
      return {
        layer,
        direction,
        amount,
        kept: change.kind === "add" ? { weights: NO_WEIGHTS, bias: 0 } : checkRow(change.feature, width),
        gate: gate === undefined ? null : checkRow(gate, width),
        above,
      };
    }),
  };
}

function checkRow(row: EditRow, width: number): EditRow {
  checkVector(row.weights, width);
  if (!fitsSingle(row.bias)) throw refused(`A bias is ${row.bias}.`);
  return { weights: row.weights, bias: row.bias };
}

function checkVector(vector: Float32Array, width: number): void {
  if (vector.length !== width) throw refused(`A vector has ${vector.length} values, the model's residual ${width}.`);
  if (!vector.every(Number.isFinite)) throw refused("A vector holds a value that is not finite.");
}

function refused(what: string): ModxError {
  return new ModxError("MODX_ENGINE_ARGUMENT", {
    what: `An edit cannot be made. ${what}`,
    remedy: "Use vectors that were made for this model.",
  });
}
