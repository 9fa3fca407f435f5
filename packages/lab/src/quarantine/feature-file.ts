import { readFileSync } from "node:fs";
import { ModxError } from "@modx/errors";
import { z } from "zod";

/** A feature that an owner quarantines, and what it stands for. */
export interface ListedFeature {
  index: number;
  label: string;
}

const index = z.coerce.number().int().nonnegative();
/** `{"19397": "data breaches"}`, as the seed wrote it. */
const labelled = z.record(z.string().regex(/^\d+$/), z.string());
/** `[19397]`, or a list of Neuronpedia's with `index` and `description`. */
const listed = z.array(
  z.union([
    z.int().nonnegative(),
    z.object({ index, label: z.string().optional(), description: z.string().optional() }),
  ]),
);

/**
 * Features of a JSON file (labels by index, a list of indices, or of objects with `index` and `label` or `description`), or of lines
 * `index,label`. Throws MODX_USAGE_FILE_MISSING and MODX_USAGE_FEATURES.
 */
export function readFeatureFile(path: string): ListedFeature[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ModxError("MODX_USAGE_FILE_MISSING", {
      what: `The list of features ${path} cannot be read (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Give the path of a file of JSON or CSV.",
      cause,
    });
  }
  const features = /^\s*[[{]/.test(text) ? ofJson(text) : ofLines(text);
  if (features === null || features.length === 0) throw refused(path, "it is no list of features");
  const seen = new Set<number>();
  for (const { index } of features) {
    if (seen.has(index)) throw refused(path, `it lists the feature ${index} twice`);
    seen.add(index);
  }
  return features;
}

function ofJson(text: string): ListedFeature[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const byIndex = labelled.safeParse(value);
  if (byIndex.success)
    return Object.entries(byIndex.data).map(([key, label]) => ({ index: Number(key), label: label.trim() }));
  const list = listed.safeParse(value);
  if (!list.success) return null;
  return list.data.map((item) =>
    typeof item === "number"
      ? { index: item, label: "" }
      : { index: item.index, label: (item.label ?? item.description ?? "").trim() },
  );
}

/** A first line that begins with no number is a heading. */
function ofLines(text: string): ListedFeature[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const features: ListedFeature[] = [];
  for (const [number, line] of lines.entries()) {
    const match = /^\s*(\d+)\s*(?:,(.*))?$/.exec(line);
    if (match === null && number > 0) return null;
    if (match !== null)
      features.push({
        index: Number(match[1]),
        label: (match[2] ?? "")
          .trim()
          .replace(/^"(.*)"$/, "$1")
          .replaceAll('""', '"'),
      });
  }
  return features;
}

function refused(path: string, why: string): ModxError {
  return new ModxError("MODX_USAGE_FEATURES", {
    what: `${path} cannot be used: ${why}.`,
    remedy: 'Give {"INDEX": "label"}, [INDEX], [{"index", "label"}], or lines INDEX,label.',
  });
}
