import { ModxError } from "@modx/errors";
import { type Unresolved, writePack } from "@modx/pack";
import { writeCard } from "../build/card.ts";
import { type FeaturesOf, featureRows, originOf } from "./feature-rows.ts";

export interface ResolveOptions {
  /** Of the unresolved pack. */
  manifest: Unresolved;
  /** Its sources, opened, in the same order. */
  sources: readonly FeaturesOf[];
  /** The pack, which replaces the unresolved one where it is the same folder. */
  folder: string;
  name: string;
}

/**
 * Fills in the rows of a pack that names features. It has run on no model yet: `calibratePack` reads the golden readings and sets the
 * threshold. Throws MODX_SAE_UNSUPPORTED, MODX_USAGE_FEATURES and MODX_PACK_FOLDER.
 */
export async function resolvePack({ manifest, sources, folder, name }: ResolveOptions): Promise<void> {
  const [first] = sources;
  if (first === undefined) throw new RangeError("a pack has a source at least");
  const { width } = first.sae.layout;
  if (sources.some(({ sae }) => sae.layout.width !== width))
    throw new ModxError("MODX_USAGE_FEATURES", {
      what: `${manifest.name} names autoencoders of residual streams of different widths.`,
      remedy: "Make a pack for each model.",
    });
  const { readouts, detector } = await featureRows(sources);
  const provenance = { ...manifest.provenance, ...originOf(sources) };
  const { labels } = manifest;
  writePack(folder, {
    manifest: {
      name,
      description: detector.description,
      identities: [],
      madeFor: { model: first.sae.about.model, width },
      detectors: [detector],
      labels,
      provenance,
    },
    readouts,
    golden: {
      tokens: new Int32Array(),
      readings: [],
      spread: new Float32Array(readouts.reduce((sum, { rows }) => sum + rows.length, 0)),
    },
    maxima: [],
    card: writeCard({
      name,
      identities: [],
      detectors: [detector],
      taps: readouts.map(({ tap }) => tap),
      provenance,
      remarks: ["it has run on no model yet, and alarms on nothing before it is calibrated on one"],
    }),
  });
}
