import { damaged } from "./damaged.ts";
import type { DetectorSpec, Manifest } from "./manifest.ts";

/** What inside a manifest refers to something else of it, which the schema cannot express. Throws MODX_PACK_DAMAGED. */
export function checkReferences(name: string, manifest: Manifest): void {
  const { identities, madeFor, base, readouts, detectors } = manifest;
  const [identity] = identities;
  if (identity === undefined && madeFor === undefined) throw damaged(name, "it does not say for which model it is");
  if (identity !== undefined && base !== undefined && base.identity.width !== identity.width)
    throw damaged(name, "its base has another width than its model");
  for (const other of identities) {
    if (other.width !== identity?.width) throw damaged(name, "the models that it knows have different widths");
    for (const { tap } of [...readouts, ...(base?.readouts ?? [])])
      if (Number(tap.split(".")[1]) >= other.layers) throw damaged(name, `the tap ${tap} is outside its model`);
  }
  for (const read of [readouts, base?.readouts ?? []]) {
    checkDistinct(
      name,
      "tap",
      read.map(({ tap }) => tap),
    );
    for (const { tap, rows } of read) checkDistinct(name, `row of ${tap}`, rows);
  }
  checkDistinct(
    name,
    "detector",
    detectors.map((detector) => detector.name),
  );
  const rows = new Set(readouts.flatMap((readout) => readout.rows));
  const baseRows = new Set(base?.readouts.flatMap((readout) => readout.rows));
  for (const detector of detectors) {
    const parts = detector.algorithm === "joined-terms" ? detector.terms : detector.features;
    for (const part of parts) {
      const known = "over" in part && part.over === "base-last-prompt" ? baseRows : rows;
      if (!known.has(part.row))
        throw damaged(name, `the detector ${detector.name} reads a row "${part.row}" that is not there`);
    }
    checkReached(name, detector);
    checkThreshold(name, detector, identities.length);
  }
}

/** A mean over more tokens than a calibrated response has never comes to a value. */
function checkReached(pack: string, detector: DetectorSpec): void {
  const longest = Math.max(...detector.calibrations.map(({ length }) => length));
  const windows =
    detector.algorithm === "joined-terms" ? detector.terms.map(({ aggregate }) => aggregate) : [detector.window];
  for (const window of windows) {
    if (!("minimum" in window)) continue;
    const { minimum } = window;
    if ("width" in window && minimum > window.width)
      throw damaged(pack, `${detector.name} waits for ${minimum} tokens of a window of ${window.width}`);
    if (detector.calibrations.length > 0 && minimum > longest)
      throw damaged(pack, `${detector.name} waits for ${minimum} tokens, and is calibrated for ${longest}`);
  }
}

function checkDistinct(pack: string, what: string, names: readonly string[]): void {
  const twice = names.find((one, i) => names.indexOf(one) < i);
  if (twice !== undefined) throw damaged(pack, `it has the ${what} ${twice} twice`);
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
