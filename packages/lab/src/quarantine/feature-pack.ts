import type { Engine, TapName } from "@modx/engine";
import type { Identity, ListedFeature } from "@modx/pack";
import { type OpenedSae, type Projector, unsupported } from "@modx/sae";
import { conversationsOf, makeGolden } from "../build/golden.ts";
import { writeDraft } from "../build/write-draft.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { approximateOn } from "./approximate-on.ts";
import { featureRows, originOf } from "./feature-rows.ts";

export interface FeaturePackOptions {
  /** Opened with the tap that the autoencoder reads. */
  engine: Engine;
  identity: Identity;
  sae: OpenedSae;
  /** What the autoencoder is called in the pack. */
  source: string;
  tap: TapName;
  features: readonly ListedFeature[];
  /** Ordinary prompts, whose answers say how far readings spread. */
  prompts: readonly Prompt[];
  name: string;
  folder: string;
  /** Multiplies, for families that keep the largest of all features; in JavaScript when absent. */
  project?: Projector;
}

/**
 * Writes a draft that watches the named features on the model that runs. `calibratePack` measures what benign answers reach and sets the
 * threshold. Throws what `featureRows` does, and MODX_SAE_UNSUPPORTED where the autoencoder is for another width.
 */
export async function buildFeaturePack(options: FeaturePackOptions): Promise<void> {
  const { engine, identity, sae, source, tap, features, prompts, name, folder, project } = options;
  if (sae.layout.width !== engine.model.width)
    throw unsupported(
      source,
      `is for a residual stream of width ${sae.layout.width}; the model's is ${engine.model.width}`,
    );
  const sources = [{ sae, source, tap, features }];
  const spoken = await conversationsOf(engine, prompts);
  const { readouts, detector } = await featureRows(sources, () => approximateOn(engine, sae, spoken, project));
  const bound = readouts.map((readout) => ({ ...readout, tap }));
  writeDraft({
    name,
    folder,
    identity,
    detector,
    readouts,
    golden: await makeGolden(engine, bound, spoken),
    labels: [{ what: "features", by: "the list that was given" }],
    provenance: originOf(sources),
  });
}
