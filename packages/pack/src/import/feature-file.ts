import type { FeatureSource, ListedFeature } from "../format/unresolved.ts";
import { readListText, refusedList } from "./list-file.ts";
import { type NamedFeature, parseList } from "./parse-list.ts";

export interface ListOptions {
  /** Keeps the features of which a label holds one of these, whatever the case; that label counts. */
  match?: readonly string[];
  /** Another file, whose labels count where the list has none. */
  labels?: string;
  /** The autoencoder of what does not say its own, in the list and in `labels`. */
  sae?: string;
}

/** Features of one autoencoder. */
export interface ListedSource {
  /** As the list calls it; null where it does not. */
  sae: string | null;
  /** Its model, where the list says that. */
  model: string | null;
  features: ListedFeature[];
}

/** A quarantine beyond this is no list but a whole dictionary. */
const MOST_FEATURES = 20_000;

/** Features of a list, by autoencoder. Throws MODX_USAGE_FILE_MISSING and MODX_USAGE_FEATURES. */
export function readFeatureSources(path: string, { match = [], labels, sae }: ListOptions = {}): ListedSource[] {
  const named = labels === undefined ? listOf(path) : withLabels(listOf(path), labels, sae);
  const words = match.map((word) => word.toLowerCase());
  const kept = named.flatMap(({ labels: own, ...one }) => {
    const label = own.find((text) => words.length === 0 || words.some((word) => text.toLowerCase().includes(word)));
    return words.length === 0 || label !== undefined ? [{ ...one, label: label ?? "" }] : [];
  });
  if (kept.length === 0) throw refusedList(path, "no label holds what --match asks for");
  if (kept.length > MOST_FEATURES)
    throw refusedList(path, `it names ${kept.length} features, and ${MOST_FEATURES} are the most: choose with --match`);
  return [...new Set(kept.map((one) => one.sae))].map((of) => {
    const own = kept.filter((one) => one.sae === of);
    const model = own.find((one) => one.model !== null)?.model ?? null;
    return { sae: of, model, features: distinct(path, own) };
  });
}

/** Features of a list of one autoencoder, whatever the list calls it. Throws as `readFeatureSources` does. */
export function readFeatureFile(path: string): ListedFeature[] {
  const sources = readFeatureSources(path);
  if (sources.length > 1)
    throw refusedList(path, `it names features of ${sources.length} autoencoders, where one is read`);
  return sources[0]?.features ?? [];
}

/** The lists by autoencoder, with `sae` for those that do not say theirs. Throws MODX_USAGE_FEATURES where two are the same. */
export function withSource(path: string, sources: readonly ListedSource[], sae: string): FeatureSource[] {
  const named = sources.map(({ sae: own, features }) => ({ sae: own ?? sae, features }));
  if (new Set(named.map((source) => source.sae)).size < named.length)
    throw refusedList(path, `some of its features say that they are of ${sae}, and some do not`);
  return named;
}

function listOf(path: string): NamedFeature[] {
  const features = parseList(readListText(path));
  if (features === null || features.length === 0) throw refusedList(path, "it is no list of features");
  return features;
}

/** A label of a feature of another autoencoder, with the same number, would say something else. */
function withLabels(features: readonly NamedFeature[], path: string, sae: string | undefined): NamedFeature[] {
  const labels = listOf(path);
  const saeOf = (one: NamedFeature): string => one.sae ?? sae ?? "";
  const known = new Map(labels.map((one) => [`${saeOf(one)} ${one.index}`, one.labels]));
  const labelled = new Set(labels.map(saeOf));
  return features.map((one) => {
    if (one.labels.length > 0) return one;
    if (!labelled.has(saeOf(one)))
      throw refusedList(
        path,
        `its labels are of ${[...labelled].join(" and ")}, and features are of ${saeOf(one) || "an autoencoder that is not named"}: name it with --sae as the labels do`,
      );
    return { ...one, labels: known.get(`${saeOf(one)} ${one.index}`) ?? [] };
  });
}

function distinct(path: string, features: readonly ListedFeature[]): ListedFeature[] {
  const seen = new Set<number>();
  return features.map(({ index, label }) => {
    if (seen.has(index)) throw refusedList(path, `it lists the feature ${index} twice`);
    seen.add(index);
    return { index, label };
  });
}
