import { ModxError } from "@modx/errors";
import { detectorSchema } from "./manifest.ts";

/** The algorithms that this modx knows, with the version of each. */
const KNOWN: ReadonlyMap<unknown, number> = new Map(
  detectorSchema.options.map(({ shape: { algorithm, version } }) => [algorithm.value, version.value]),
);

/** Throws MODX_PACK_SCHEMA for a detector of an algorithm, or of a version of one, that this modx does not know: it would say something else. */
export function checkVersions(pack: string, detectors: unknown): void {
  for (const detector of Array.isArray(detectors) ? detectors : []) {
    const { algorithm, version }: { algorithm?: unknown; version?: unknown } = Object(detector);
    if (typeof algorithm !== "string" || typeof version !== "number" || KNOWN.get(algorithm) === version) continue;
    const known = KNOWN.get(algorithm);
    throw new ModxError("MODX_PACK_SCHEMA", {
      what: `A detector of the pack in ${pack} is ${algorithm}, version ${version}; this modx reads ${known === undefined ? "no such" : `version ${known}`}.`,
      remedy: "Use the version of modx that wrote it, or build it again.",
    });
  }
}
