import { ModxError } from "@modx/errors";
import type { TapName } from "../taps/tap-name.ts";
import { fitsSingle } from "./single.ts";

/** A vector in residual space: reading = weights . residual + bias. */
export interface Row {
  name: string;
  /** [width] f32, raw residual scale. */
  weights: Float32Array;
  bias: number;
}

/** Named rows at one tap, read linearly from the raw residual. Position 0 has no reading (NaN). */
export interface Readout {
  tap: TapName;
  rows: readonly Row[];
}

/** Readouts laid out as the addon takes them; readings of a token follow this order. */
export interface BoundRows {
  names: readonly string[];
  /** [rows, width]. */
  weights: Float32Array;
  bias: Float32Array;
  taps: Uint32Array;
}

/** Throws MODX_ENGINE_ARGUMENT when a row does not fit the model or names a tap that the engine was not opened with. */
export function layOut(readouts: readonly Readout[], taps: readonly TapName[], width: number): BoundRows {
  const rows = readouts.flatMap((readout) => readout.rows.map((row) => ({ ...row, tap: readout.tap })));
  const weights = new Float32Array(rows.length * width);
  rows.forEach((row, index) => {
    if (row.weights.length !== width) {
      throw refused(`The row "${row.name}" has ${row.weights.length} weights, the model's residual ${width}.`);
    }
    if (!row.weights.every(Number.isFinite) || !fitsSingle(row.bias)) {
      throw refused(`The row "${row.name}" holds a value that is not finite.`);
    }
    if (!taps.includes(row.tap))
      throw refused(`The row "${row.name}" reads ${row.tap}, which the engine was not opened with.`);
    weights.set(row.weights, index * width);
  });
  return {
    names: rows.map((row) => row.name),
    weights,
    bias: Float32Array.from(rows, (row) => row.bias),
    taps: Uint32Array.from(rows, (row) => taps.indexOf(row.tap)),
  };
}

function refused(what: string): ModxError {
  return new ModxError("MODX_ENGINE_ARGUMENT", { what, remedy: "Use readouts that were made for this model." });
}
