import type { Signature } from "../sign/signature.ts";
import type { Manifest, Traffic } from "./manifest.ts";

/** Named rows at one tap. */
export interface PackReadout {
  tap: string;
  rows: { name: string /** [width] f32, raw residual scale. */; weights: Float32Array; bias: number }[];
}

/** Token ids with the readings that they must give on what the pack was made for. */
export interface Golden {
  tokens: Int32Array;
  /** For each of the manifest's identities: [tokens, rows] f32; NaN at position 0. */
  readings: Float32Array[];
  /** [rows] f32: standard deviation of each row's readings on ordinary text, the unit in which a difference is judged. */
  spread: Float32Array;
}

/** The response maxima that a threshold was taken from: with them it can be checked, and set anew for another rate. */
export interface ClassMaxima {
  detector: string;
  traffic: Traffic;
  /** Index of what ran among the manifest's identities. */
  identity: number;
  /** Tokens of the longest response. */
  length: number;
  sources: string[];
  /** [responses] f32, ascending; -Infinity for a response that never had a score. */
  maxima: Float32Array;
}

/** A pack in memory: validated, whole, hashes checked. */
export interface Pack {
  manifest: Manifest;
  readouts: PackReadout[];
  /** Rows that are read in the base; none as a rule. */
  baseReadouts: PackReadout[];
  golden: Golden;
  /** One for each calibration of the manifest. */
  maxima: ClassMaxima[];
  /** Marks of the texts that it was trained on or that its features were measured on, ascending: no promise may be calibrated on them. */
  seen: Int32Array;
  /** sha256 of `pack.json`, which holds the hashes of all other files: the pack's identity. */
  sha256: string;
  /** Whose, where it is signed. */
  signature: Signature | null;
}

export const ROWS_FILE = "rows.safetensors";
export const GOLDEN_FILE = "golden.safetensors";
export const MAXIMA_FILE = "calibration.safetensors";
/** Only in packs that say what they have seen. */
export const SEEN_FILE = "seen.safetensors";
export const CARD_FILE = "card.md";
export const MANIFEST_FILE = "pack.json";

/** What the base's rows are called by in the rows' file. */
export const BASE_PREFIX = "base/";

/** Name of the golden readings' tensor of one identity. */
export function readingsName(identity: number): string {
  return `readings.${identity}`;
}

/** Name of a calibration's tensor in the maxima file. */
export function maximaName(detector: string, { traffic, identity }: { traffic: string; identity: number }): string {
  return `${detector}/${identity}/${traffic}`;
}
