import { damaged } from "./damaged.ts";
import type { DetectorSpec, Manifest } from "./manifest.ts";

/** What inside a manifest refers to something else of it, which the schema cannot express. Throws MODX_PACK_DAMAGED. */
export function checkReferences(name: string, manifest: Manifest): void {
  const { identities, madeFor, base, readouts, detectors } = manifest;
  const [identity] = identities;
  if (identity === undefined && madeFor === undefined) throw damaged(name, "it does not say for which model it is");
  if (identity !== undefined && base !== undefined && base.identity.width !== identity.width)
    throw damaged(name, "its base has another width than its model");
  if (identity !== undefined)
    for (const { tap } of [...readouts, ...(base?.readouts ?? [])])
      if (Number(tap.split(".")[1]) >= identity.layers) throw damaged(name, `the tap ${tap} is outside its model`);
  const rows = new Set(readouts.flatMap((readout) => readout.rows));
  const baseRows = new Set(base?.readouts.flatMap((readout) => readout.rows));
  for (const detector of detectors) {
    const parts = detector.algorithm === "joined-terms" ? detector.terms : detector.features;
    for (const part of parts) {
      const known = "over" in part && part.over === "base-last-prompt" ? baseRows : rows;
      if (!known.has(part.row))
        throw damaged(name, `the detector ${detector.name} reads a row "${part.row}" that is not there`);
    }
    checkThreshold(name, detector, identities.length);
  }
}

function checkThreshold(pack: string, { name, threshold, calibrations }: DetectorSpec, identities: number): void {
  if (threshold !== null && calibrations.length === 0)
    throw damaged(pack, `the threshold of ${name} comes from no calibration`);
  if (calibrations.some(({ identity }) => identity >= identities))
    throw damaged(pack, "a calibration names a model that is not listed");
  // what is in force is read off the calibrations; another number here would be ignored in silence
  if (calibrations.length > 0 && threshold !== Math.max(...calibrations.map((one) => one.threshold)))
    throw damaged(pack, `the threshold of ${name} is not the largest that its traffic needs`);
}
