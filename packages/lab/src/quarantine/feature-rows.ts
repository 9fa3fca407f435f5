import { ModxError } from "@modx/errors";
import type { FeatureListSpec, ListedFeature, PackReadout } from "@modx/pack";
import { type Approximation, foldEncoder, type OpenedSae, unsupported } from "@modx/sae";

/** Features of one autoencoder that are to be watched. */
export interface FeaturesOf {
  sae: OpenedSae;
  /** What the autoencoder is called in the pack. */
  source: string;
  /** The place that it was read from, where that is not what it is called. */
  from?: string;
  /** Where the autoencoder reads: `blocks.N.hook_resid_post`. */
  tap: string;
  features: readonly ListedFeature[];
}

type Activation = FeatureListSpec["features"][number]["activation"];

/** Response tokens that an activation is averaged over: a feature that fires once is a word, not a behaviour. */
const WINDOW = { width: 8, minimum: 4 };

/** Finds a threshold for a family whose rows alone do not say what is active; null where it cannot. */
export type Approximate = (source: FeaturesOf) => Promise<Approximation | null>;

/**
 * Rows and detector of quarantined features: the encoder's rows alone, a few kilobytes each, which give the readings of the whole
 * autoencoder. Throws MODX_SAE_UNSUPPORTED where rows alone do not say what is active and no threshold stands for it, and
 * MODX_USAGE_FEATURES for features that the autoencoder has not.
 */
export async function featureRows(
  sources: readonly FeaturesOf[],
  approximate: Approximate = async () => null,
): Promise<{ readouts: PackReadout[]; detector: FeatureListSpec }> {
  const byTap = new Map<string, PackReadout["rows"]>();
  const watched: FeatureListSpec["features"] = [];
  for (const [number, source] of sources.entries()) {
    const { rows, activations } = await rowsOf(source, sources.length > 1 ? `s${number + 1}.` : "", approximate);
    byTap.set(source.tap, [...(byTap.get(source.tap) ?? []), ...rows]);
    for (const [at, { label }] of source.features.entries())
      watched.push({
        row: rows[at]?.name ?? "",
        label,
        activation: activations[at] ?? { kind: "relu" },
        tail: null,
      });
  }
  const named = sources.map(({ source }) => source).join(" and ");
  return {
    readouts: [...byTap].map(([tap, rows]) => ({ tap, rows })),
    detector: {
      name: "quarantine",
      algorithm: "feature-list",
      version: 1,
      level: "alarm",
      description: `one of ${watched.length} quarantined features of ${named}, or several, are more active than in benign answers`,
      features: watched,
      window: WINDOW,
      threshold: null,
      calibrations: [],
    },
  };
}

async function rowsOf(
  of: FeaturesOf,
  prefix: string,
  approximate: Approximate,
): Promise<{ rows: PackReadout["rows"]; activations: Activation[] }> {
  const { sae, source, features } = of;
  const { layout, file } = sae;
  const beyond = features.find(({ index }) => index >= layout.features);
  if (beyond !== undefined)
    throw new ModxError("MODX_USAGE_FEATURES", {
      what: `${source} has ${layout.features} features, and the list names ${beyond.index}.`,
      remedy: "Check that list and autoencoder belong together.",
    });
  if (layout.input !== "raw")
    throw unsupported(source, `reads its input as ${layout.input}, which no row can do alone`);
  const indices = features.map(({ index }) => index);
  const { encoder, bias, thresholds } = await foldEncoder(file, layout, indices);
  const same = thresholds === null ? await approximated(of, approximate) : null;
  const activations = indices.map(
    (_, row): Activation => same ?? { kind: "jumprelu", threshold: thresholds?.[row] ?? 0 },
  );
  const { width } = layout;
  const rows = indices.map((index, row) => ({
    name: `${prefix}f${index}`,
    weights: encoder.slice(row * width, (row + 1) * width),
    bias: bias[row] ?? 0,
  }));
  return { rows, activations };
}

async function approximated(of: FeaturesOf, approximate: Approximate): Promise<Activation> {
  const found = await approximate(of);
  if (found === null)
    throw unsupported(
      of.source,
      "keeps the largest of all features, so that rows alone do not say which are active; `modx pack export` measures a threshold for it on the model",
    );
  const { threshold, precision, recall, tokens } = found;
  return { kind: "jumprelu", threshold, approximate: { precision, recall, tokens } };
}

/** What a pack says of where its rows are from. */
export function originOf(sources: readonly FeaturesOf[]): Record<string, string> {
  return Object.fromEntries(
    sources.flatMap(({ sae: { family, about }, source, from, features }, number) => {
      const prefix = sources.length > 1 ? `${number + 1}. ` : "";
      return [
        [`${prefix}autoencoder`, source],
        ...(from === undefined ? [] : [[`${prefix}read from`, from]]),
        [`${prefix}family`, `${family.name}, its reader proved by: ${family.verified}`],
        [`${prefix}features`, String(features.length)],
        ...(about.model === null ? [] : [[`${prefix}model`, about.model]]),
      ];
    }),
  );
}
