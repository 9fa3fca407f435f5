import type { Engine, TapName } from "@modx/engine";
import { ModxError } from "@modx/errors";
import type { FeatureListSpec, Identity } from "@modx/pack";
import { foldEncoder, type OpenedSae, unsupported } from "@modx/sae";
import { makeGolden } from "../build/golden.ts";
import { writeDraft } from "../build/write-draft.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { naturalPlan } from "../record/plan.ts";
import { readEach } from "../record/prompt-reader.ts";
import { recordResponses } from "../record/record-response.ts";
import type { ListedFeature } from "./feature-file.ts";

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
}

const QUARANTINE = "quarantine";
/** Response tokens that an activation is averaged over: a feature that fires once is a word, not a behaviour. */
const WINDOW = { width: 8, minimum: 4 };
const GOLDEN_TOKENS = 48;

/**
 * Writes a draft that watches the named features: their rows alone, a few kilobytes each, which give the readings of the whole autoencoder.
 * `calibratePack` measures what benign answers reach and sets the threshold. Throws MODX_SAE_UNSUPPORTED where rows alone do not say
 * what is active, and MODX_USAGE_FEATURES for features that it has not.
 */
export async function buildFeaturePack(options: FeaturePackOptions): Promise<void> {
  const { engine, identity, sae, source, tap, features, prompts, name, folder } = options;
  const { layout, family } = sae;
  checkFeatures(features, layout.features, source);
  checkReadable(options);
  const { encoder, bias, thresholds } = await foldEncoder(
    sae.file,
    layout,
    features.map(({ index }) => index),
  );
  if (thresholds === null)
    throw unsupported(source, "keeps the largest of all features, so that rows alone do not say which are active");
  const { width } = layout;
  const rows = features.map(({ index }, row) => ({
    name: `f${index}`,
    weights: encoder.slice(row * width, (row + 1) * width),
    bias: bias[row] ?? 0,
  }));
  const detector: FeatureListSpec = {
    name: QUARANTINE,
    algorithm: "feature-list",
    version: 1,
    level: "alarm",
    description: `one of ${features.length} quarantined features of ${source}, or several, are more active than in benign answers`,
    features: features.map(({ index, label }, row) => ({
      row: `f${index}`,
      label,
      activation: { kind: "jumprelu", threshold: thresholds[row] ?? 0 },
      tail: null,
    })),
    window: WINDOW,
    threshold: null,
    calibrations: [],
  };
  const readouts = [{ tap, rows }];
  writeDraft({
    name,
    folder,
    identity,
    detector,
    readouts,
    golden: await makeGolden(engine, readouts, await conversations(engine, prompts)),
    labels: [{ what: "features", by: "the list that was given" }],
    provenance: {
      autoencoder: source,
      family: `${family.name}, its reader proved by: ${family.verified}`,
      features: String(features.length),
    },
  });
}

function checkFeatures(features: readonly ListedFeature[], count: number, source: string): void {
  const beyond = features.find(({ index }) => index >= count);
  if (beyond === undefined) return;
  throw new ModxError("MODX_USAGE_FEATURES", {
    what: `${source} has ${count} features, and the list names ${beyond.index}.`,
    remedy: "Check that list and autoencoder belong together.",
  });
}

function checkReadable({ engine, sae: { layout }, source }: FeaturePackOptions): void {
  if (layout.input !== "raw")
    throw unsupported(source, `reads its input as ${layout.input}, which no row can do alone`);
  if (layout.width !== engine.model.width)
    throw unsupported(
      source,
      `is for a residual stream of width ${layout.width}; the model's is ${engine.model.width}`,
    );
}

async function conversations(engine: Engine, prompts: readonly Prompt[]): Promise<Int32Array[]> {
  const found: Int32Array[] = [];
  await readEach(engine, naturalPlan(prompts), async (planned, reader) => {
    for await (const { promptTokens, tokens } of recordResponses(engine, reader, [planned], {
      maxTokens: GOLDEN_TOKENS,
      keep: 0,
    }))
      found.push(Int32Array.from([...promptTokens, ...tokens]));
  });
  return found;
}
