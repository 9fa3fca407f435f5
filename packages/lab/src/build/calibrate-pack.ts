import type { Engine, TapName } from "@modx/engine";
import { checkPolicy, openGuard, type RunningFiles, runningIdentity } from "@modx/guard";
import { type DetectorSpec, fitOf, type Identity, type Manifest, readPack, writePack } from "@modx/pack";
import { measureTraffic } from "../calibrate/measure-traffic.ts";
import { checkEnough, DEFAULT_RATES, type StatedRates, setThresholds } from "../calibrate/set-thresholds.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { writeCard } from "./card.ts";
import { readGolden } from "./golden.ts";

export interface CalibrateOptions {
  /** Opened with the pack's taps. */
  engine: Engine;
  files: RunningFiles;
  /** The pack, which is replaced by its calibrated self. */
  folder: string;
  /** Nothing of this may have been trained on. */
  prompts: Traffic;
  /** Tokens of the longest response that the promise covers. */
  length: number;
  rates?: StatedRates;
  /** Confidence of the promised rates; on average over calibrations when absent. */
  confidence?: number;
  onProgress?: (done: number, total: number) => void;
}

export interface Calibrated {
  detectors: DetectorSpec[];
  /** What the data could not bear. */
  remarks: string[];
}

/**
 * Measures the pack's detectors on traffic of what runs, and sets the thresholds that are in force on it. What the pack was
 * calibrated on before keeps its own, except an earlier calibration on the same.
 */
export async function calibratePack(options: CalibrateOptions): Promise<Calibrated> {
  const { engine, files, folder, length, rates = DEFAULT_RATES, confidence = null, onProgress } = options;
  const pack = readPack(folder);
  const running = runningIdentity(engine, files);
  const fit = fitOf(pack.manifest, running);
  const known = fit.level === "calibrated";
  const identities: Identity[] = known ? pack.manifest.identities : [...pack.manifest.identities, running];
  const identity = known ? fit.identity : identities.length - 1;

  const guard = await openGuard({ engine, packs: [pack], files, policy: checkPolicy("log"), drafts: true });
  const readings = known
    ? pack.golden.readings
    : [...pack.golden.readings, await readGolden(engine, pack.golden.tokens)];
  const prompts = fitting(engine, options.prompts, length);
  // known before an hour is spent on answers
  if (confidence !== null)
    for (const traffic of ["benign", "sensitive"] as const)
      if (prompts[traffic].length > 0) checkEnough(traffic, prompts[traffic].length, rates[traffic], confidence);
  const measured = await measureTraffic({
    guard,
    prompts,
    length,
    identity,
    ...(onProgress !== undefined && { onProgress }),
  });
  const maxima = [...pack.maxima.filter((one) => one.identity !== identity), ...measured];
  const { detectors, remarks } = setThresholds(pack.manifest.detectors, maxima, { rates, confidence });

  const { name, description, labels, provenance } = pack.manifest;
  const manifest: Omit<Manifest, "files" | "readouts" | "schema"> = {
    name,
    description,
    identities,
    detectors,
    labels,
    provenance,
  };
  writePack(folder, {
    manifest,
    readouts: pack.readouts,
    golden: { ...pack.golden, readings },
    maxima,
    card: writeCard({
      name,
      identities,
      detectors,
      taps: pack.readouts.map(({ tap }) => tap as TapName),
      provenance,
      remarks,
    }),
  });
  return { detectors, remarks };
}

/** Prompts that leave room for a whole response. */
function fitting(engine: Engine, prompts: Traffic, length: number): Traffic {
  const fits = ({ text }: { text: string }): boolean =>
    engine.prompt([{ role: "user", content: text }]).tokens.length + length <= engine.properties.contextTokens;
  return {
    harmful: prompts.harmful.filter(fits),
    benign: prompts.benign.filter(fits),
    sensitive: prompts.sensitive.filter(fits),
  };
}
