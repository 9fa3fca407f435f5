import { basename } from "node:path";
import { allParts, isFirstPart } from "./split-file.ts";

const DEFAULT_QUANT = "Q4_K_M";

/** Files beside a model that llama.cpp does not take for one: projectors, importance matrices, draft heads. */
const NOT_A_MODEL = /mmproj|imatrix|mtp-|eagle3-|dflash-|dspark-/i;

/**
 * Picks the model among a repository's files as llama-server does for `-hf user/repo[:quant]`: the quantisation by name,
 * in upper or lower case; without one Q4_K_M, else the first file. Returns every part of it, or null.
 */
export function chooseGguf(files: readonly string[], quant: string | null): string[] | null {
  const models = modelFiles(files);
  const chosen = quant === null ? (ofQuant(models, DEFAULT_QUANT) ?? models[0]) : ofQuant(models, quant);
  return chosen === undefined ? null : allParts(chosen);
}

/** The files that are models (first parts of split ones), sorted by name. */
export function modelFiles(files: readonly string[]): string[] {
  return files
    .filter((file) => /\.gguf$/i.test(file) && !NOT_A_MODEL.test(basename(file)) && isFirstPart(file))
    .sort((a, b) => (a < b ? -1 : 1));
}

function ofQuant(files: readonly string[], quant: string): string | undefined {
  // A boundary in front, or F16 would also find BF16.
  const pattern = new RegExp(`(?:^|[^A-Za-z0-9])${quant.replaceAll(".", "\\.")}[./-]`, "i");
  return files.find((file) => pattern.test(file));
}
