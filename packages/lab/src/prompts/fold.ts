import { createHash } from "node:crypto";
import { normalised } from "./prompt-file.ts";

/** Parts of a cross-validation. */
export const FOLDS = 5;

/** In which of `folds` parts a prompt is: texts that differ in case, spacing and punctuation only are in the same. */
export function foldOf(text: string, folds = FOLDS): number {
  return createHash("sha256").update(normalised(text)).digest().readUInt32LE(0) % folds;
}
