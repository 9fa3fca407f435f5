import type { Engine, Readout, TapName } from "@modx/engine";
import { ModxError } from "@modx/errors";
import { type BaseLane, checkPolicy, type Guard, openGuard, type RunningFiles, runningIdentity } from "@modx/guard";
import {
  compareIdentities,
  type DetectorSpec,
  fitOf,
  type Identity,
  type Pack,
  type PackContents,
  readPack,
  writePack,
} from "@modx/pack";
import { lacksTails, measureTails } from "../calibrate/feature-tails.ts";
import { measureTraffic } from "../calibrate/measure-traffic.ts";
import { checkEnough, DEFAULT_RATES, type StatedRates, setThresholds } from "../calibrate/set-thresholds.ts";
import { answerSettings } from "../evaluate/answer-settings.ts";
import { type Keep, keepIn, keepNothing } from "../files/kept-results.ts";
import { fitting } from "../prompts/fitting.ts";
import { splitByText, type Traffic } from "../prompts/traffic.ts";
import { writeCard } from "./card.ts";
import { conversationsOf, makeGolden, readGolden } from "./golden.ts";

export interface CalibrateOptions {
  /** Opened with the pack's taps. */
  engine: Engine;
  files: RunningFiles;
  /** The model that this one was made from, for packs that ask it. */
  base?: BaseLane | null;
  /** The pack, which is replaced by its calibrated self. */
  folder: string;
  /** Nothing of this may have been trained on. */
  prompts: Traffic;
  /** Tokens of the longest response that the promise covers. */
  length: number;
  rates?: StatedRates;
  /** Confidence of the promised rates; on average over calibrations when absent. */
  confidence?: number;
  /** Folder in which answers are kept, so that an interrupted calibration goes on where it was; kept nowhere when absent. */
  work?: string;
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
  const running = runningIdentity(engine, files);
  const read = readPack(folder);
  checkBase(options, read);
  const pack = await seenRunning(read, running, options);
  const fit = fitOf(pack.manifest, running);
  const known = fit.same;
  const identities: Identity[] = known ? pack.manifest.identities : [...pack.manifest.identities, running];
  const identity = known ? fit.identity : identities.length - 1;

  // binds the pack's rows, which golden readings are read with too
  const guard = await openDraft(options, pack);
  const readings = known
    ? pack.golden.readings
    : [...pack.golden.readings, await readGolden(engine, pack.golden.tokens)];
  const prompts = await fitting(engine, options.prompts, length);
  // known before an hour is spent on answers
  if (confidence !== null)
    for (const traffic of ["benign", "sensitive"] as const)
      if (prompts[traffic].length > 0) checkEnough(traffic, prompts[traffic].length, rates[traffic], confidence);
  const { specs, watching, left } = await withTails(options, guard, pack, prompts);
  const measured = await measureTraffic({
    guard: watching,
    prompts: left,
    length,
    identity,
    keep: keepOf(options, watching),
    ...(onProgress !== undefined && { onProgress }),
  });
  const maxima = [...pack.maxima.filter((one) => one.identity !== identity), ...measured];
  const now = setThresholds(specs, measured, { rates, confidence });
  const detectors = now.detectors.map((spec, at) => besideOthers(spec, pack.manifest.detectors[at], identity));
  const { remarks } = now;

  const { name, description, labels, provenance, base } = pack.manifest;
  const manifest: PackContents["manifest"] = {
    ...(base !== undefined && { base: { identity: base.identity } }),
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
    baseReadouts: pack.baseReadouts,
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

/** A promise measured with another base would be taken for one of the pack's own. Throws MODX_PACK_BASE. */
function checkBase({ base = null, folder }: CalibrateOptions, { manifest }: Pack): void {
  if (base === null || manifest.base === undefined) return;
  const { reasons } = compareIdentities(manifest.base.identity, runningIdentity(base.engine, base.files));
  if (reasons.length === 0) return;
  throw new ModxError("MODX_PACK_BASE", {
    what: `The pack in ${folder} was made with another base: ${reasons.join(", ")}.`,
    remedy: "Name that one with --base, or build a pack for this one: modx build",
  });
}

/** The newly calibrated detector, with what the pack promised on other models as it was. */
function besideOthers(now: DetectorSpec, before: DetectorSpec | undefined, identity: number): DetectorSpec {
  const others = before?.calibrations.filter((one) => one.identity !== identity) ?? [];
  const calibrations = [...others, ...now.calibrations];
  return { ...now, calibrations, threshold: Math.max(...calibrations.map(({ threshold }) => threshold)) };
}

/** Benign prompts whose answers say how far the readings of published rows spread. */
const SPREAD_PROMPTS = 12;

/** The pack with golden readings of what runs, where it has run on no model yet. */
async function seenRunning(pack: Pack, running: Identity, options: CalibrateOptions): Promise<Pack> {
  const { madeFor, ...manifest } = pack.manifest;
  if (madeFor === undefined) return pack;
  const { engine, folder, prompts } = options;
  const benign = prompts.benign.slice(0, SPREAD_PROMPTS);
  if (benign.length === 0)
    throw new ModxError("MODX_USAGE_PROMPTS", {
      what: `The pack in ${folder} has run on no model yet, and there is no benign prompt to read it on.`,
      remedy: "Give benign prompts with --benign.",
    });
  // refuses what does not fit
  await openDraft(options, pack);
  const golden = await makeGolden(engine, pack.readouts as readonly Readout[], await conversationsOf(engine, benign));
  return { ...pack, manifest: { ...manifest, identities: [running] }, golden };
}

function openDraft({ engine, files, base = null }: CalibrateOptions, pack: Pack): Promise<Guard> {
  return openGuard({ engine, packs: [pack], files, base, exact: true, policy: checkPolicy("log"), drafts: true });
}

function keepOf({ work, files }: CalibrateOptions, guard: Guard): Keep {
  return work === undefined ? keepNothing : keepIn(work, answerSettings(guard, files));
}

/** Share of the benign prompts that listed features are measured on first, where they have not been. */
const TAIL_SHARE = 0.4;

/** The detectors with every listed feature measured, a guard with them, and the prompts that are left to calibrate on. */
async function withTails(
  options: CalibrateOptions,
  guard: Guard,
  pack: Pack,
  prompts: Traffic,
): Promise<{ specs: DetectorSpec[]; watching: Guard; left: Traffic }> {
  const { detectors } = pack.manifest;
  if (!detectors.some(lacksTails)) return { specs: detectors, watching: guard, left: prompts };
  const { inside, outside } = splitByText(prompts.benign, TAIL_SHARE);
  const specs = await measureTails(guard, detectors, inside, options.length, keepOf(options, guard));
  const watching = await openDraft(options, { ...pack, manifest: { ...pack.manifest, detectors: specs } });
  return { specs, watching, left: { ...prompts, benign: outside } };
}
