import type { FeatureSource, ListedFeature } from "../format/unresolved.ts";
import { readListText, refusedList } from "./list-file.ts";
import { type NamedFeature, parseList } from "./parse-list.ts";

export interface ListOptions {
  /** Keeps the features whose label holds one of these, whatever the case. */
  match?: readonly string[];
  /** Another file, whose labels count where the list has none. */
  labels?: string;
}

/** A quarantine beyond this is no list but a whole dictionary. */
const MOST_FEATURES = 20_000;

/**
 * Features of a list, by autoencoder where the list says which (`sae` is null where not). Throws MODX_USAGE_FILE_MISSING and
 * MODX_USAGE_FEATURES.
 */
export function readFeatureSources(
  path: string,
  { match = [], labels }: ListOptions = {},
): { sae: string | null; features: ListedFeature[] }[] {
  const named = labels === undefined ? listOf(path) : withLabels(listOf(path), listOf(labels));
  const words = match.map((word) => word.toLowerCase());
  const kept =
    words.length === 0 ? named : named.filter(({ label }) => words.some((word) => label.toLowerCase().includes(word)));
  if (kept.length === 0) throw refusedList(path, "no label holds what --match asks for");
  if (kept.length > MOST_FEATURES)
    throw refusedList(path, `it names ${kept.length} features, and ${MOST_FEATURES} are the most: choose with --match`);
  return [...new Set(kept.map(({ sae }) => sae))].map((sae) => ({
    sae,
    features: distinct(
      path,
      kept.filter((one) => one.sae === sae),
    ).map(({ index, label }) => ({ index, label })),
  }));
}

/** Features of a list of one autoencoder, whatever the list calls it. Throws as `readFeatureSources` does. */
export function readFeatureFile(path: string): ListedFeature[] {
  const sources = readFeatureSources(path);
  if (sources.length > 1)
    throw refusedList(path, `it names features of ${sources.length} autoencoders, where one is read`);
  return sources[0]?.features ?? [];
}

/** The lists by autoencoder, with `sae` for those that do not say theirs. Throws MODX_USAGE_FEATURES where two are the same. */
export function withSource(
  path: string,
  sources: readonly { sae: string | null; features: ListedFeature[] }[],
  sae: string,
): FeatureSource[] {
  const named = sources.map((source) => ({ ...source, sae: source.sae ?? sae }));
  if (new Set(named.map((source) => source.sae)).size < named.length)
    throw refusedList(path, `some of its features say that they are of ${sae}, and some do not`);
  return named;
}

function listOf(path: string): NamedFeature[] {
  const features = parseList(readListText(path));
  if (features === null || features.length === 0) throw refusedList(path, "it is no list of features");
  return features;
}

function withLabels(features: readonly NamedFeature[], labels: readonly NamedFeature[]): NamedFeature[] {
  const known = new Map(labels.map((one) => [one.index, one]));
  return features.map((one) => {
    const found = known.get(one.index);
    const same = found !== undefined && (one.sae === null || found.sae === null || one.sae === found.sae);
    return one.label === "" && same ? { ...one, label: found.label } : one;
  });
}

function distinct(path: string, features: readonly NamedFeature[]): readonly NamedFeature[] {
  const seen = new Set<number>();
  for (const { index } of features) {
    if (seen.has(index)) throw refusedList(path, `it lists the feature ${index} twice`);
    seen.add(index);
  }
  return features;
}
