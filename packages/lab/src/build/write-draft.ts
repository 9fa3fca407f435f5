import { type DetectorSpec, type Golden, type Identity, type Manifest, type PackReadout, writePack } from "@modx/pack";
import { writeCard } from "./card.ts";

export interface Draft {
  name: string;
  folder: string;
  identity: Identity;
  detector: DetectorSpec;
  readouts: readonly PackReadout[];
  /** Rows that are read in the model that this one was made from, and what that is; none as a rule. */
  base?: { identity: Identity; readouts: readonly PackReadout[] };
  golden: Golden;
  /** Marks of the texts that it was trained on; none when absent. */
  seen?: Int32Array;
  labels: Manifest["labels"];
  provenance: Readonly<Record<string, string>>;
}

/** Writes a pack of one detector without a threshold. Throws MODX_PACK_FOLDER. */
export function writeDraft({
  name,
  folder,
  identity,
  detector,
  readouts,
  base,
  golden,
  seen,
  labels,
  provenance,
}: Draft): void {
  writePack(folder, {
    manifest: {
      name,
      description: detector.description,
      identities: [identity],
      ...(base !== undefined && { base: { identity: base.identity } }),
      detectors: [detector],
      labels,
      provenance,
    },
    readouts,
    baseReadouts: base?.readouts ?? [],
    golden,
    ...(seen !== undefined && { seen }),
    maxima: [],
    card: writeCard({
      name,
      identities: [identity],
      detectors: [detector],
      taps: readouts.map(({ tap }) => tap),
      provenance,
      remarks: ["not calibrated: it alarms on nothing"],
    }),
  });
}
