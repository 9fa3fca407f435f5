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
  TRAFFIC,
  writePack,
} from "@modx/pack";
import { checkLengths, type EarlierClass, earlierClasses, keptBeside } from "../calibrate/earlier-classes.ts";
import { lacksTails, measureTails } from "../calibrate/feature-tails.ts";
import { measureTraffic } from "../calibrate/measure-traffic.ts";
import { checkEnough, DEFAULT_RATES, type StatedRates, setThresholds } from "../calibrate/set-thresholds.ts";
import { setTailsApart } from "../calibrate/tail-prompts.ts";
import { nothingMeasured, usablePrompts } from "../calibrate/usable-prompts.ts";
import { answerSettings } from "../evaluate/answer-settings.ts";
import { type Keep, keepIn, keepNothing } from "../files/kept-results.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { marksOf } from "../prompts/seen-texts.ts";
import type { Traffic } from "../prompts/traffic.ts";
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
  /** What the pack says that it has seen is left out; nothing else of this may have been trained on. */
  prompts: Traffic;
  /** Tokens of the longest response that the promise covers. */
  length: number;
  rates?: StatedRates;
  /** Confidence of the promised rates; on average over calibrations when absent. */
  confidence?: number;
  /** Folder in which answers are kept, so that an interrupted calibration goes on where it was; kept nowhere when absent. */
  work?: string;
  onProgress?: (done: number, total: number) => void;
  /** Told how many prompts are left out because the pack was trained on them, or its features were measured on them. */
  onSeen?: (count: number) => void;
}

export interface Calibrated {
  detectors: DetectorSpec[];
  /** What the data could not bear. */
  remarks: string[];
}

/**
 * Measures the pack's detectors on traffic of what runs, and sets the thresholds that are in force on it. What the pack was
 * calibrated on before keeps its own promises, except the same classes of traffic on the same. Throws MODX_LAB_TOO_FEW where nothing can be
 * measured, or a promise with a confidence cannot be borne, and MODX_USAGE where an earlier class is of another length and would be lost.
 */
export async function calibratePack(options: CalibrateOptions): Promise<Calibrated> {
  const { engine, files, folder, length, rates = DEFAULT_RATES, confidence = null, onProgress } = options;
  const running = runningIdentity(engine, files);
  const read = readPack(folder);
  checkBase(options, read);
  checkBenign(options, read);
  const prompts = await usablePrompts(options, read.seen);
  const { measuring, calibrating } = setTailsApart(read.manifest.detectors, prompts);
  // known before an hour is spent on answers
  if (confidence !== null)
    for (const traffic of ["benign", "sensitive"] as const)
      if (calibrating[traffic].length > 0)
        checkEnough(traffic, calibrating[traffic].length, rates[traffic], confidence);
  const pack = await seenRunning(read, running, prompts.benign, options);
  const fit = fitOf(pack.manifest, running);
  const known = fit.same;
  const identities: Identity[] = known ? pack.manifest.identities : [...pack.manifest.identities, running];
  const identity = known ? fit.identity : identities.length - 1;
  const earlier = earlierClasses(pack);
  const here = earlier.filter(({ calibration }) => calibration.identity === identity);
  const elsewhere = earlier.filter(({ calibration }) => calibration.identity !== identity);
  checkLengths(here, calibrating, length);

  // binds the pack's rows, which golden readings are read with too
  const guard = await openDraft(options, pack);
  const readings = known
    ? pack.golden.readings
    : [...pack.golden.readings, await readGolden(engine, pack.golden.tokens)];
  const { specs, watching } = await withTails(options, guard, pack, measuring);
  const measured = await measureTraffic({
    guard: watching,
    prompts: calibrating,
    length,
    identity,
    keep: keepOf(options, watching),
    ...(onProgress !== undefined && { onProgress }),
  });
  if (measured.length === 0) throw nothingMeasured("the model refuses none of the harmful prompts");
  const { kept, remarks: beside } = keptBeside(here, measured, length);
  const classes = [...kept, ...measured].sort((a, b) => TRAFFIC.indexOf(a.traffic) - TRAFFIC.indexOf(b.traffic));
  const now = setThresholds(specs, classes, { rates, confidence });
  const detectors = now.detectors.map((spec) => besideOthers(spec, elsewhere));
  const remarks = [...now.remarks, ...beside];

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
    maxima: [...elsewhere.map((one) => one.measured), ...classes],
    seen: Int32Array.from([...pack.seen, ...marksOf(measuring.map(({ text }) => text))]),
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
function besideOthers(now: DetectorSpec, elsewhere: readonly EarlierClass[]): DetectorSpec {
  const others = elsewhere.filter(({ measured }) => measured.detector === now.name);
  const calibrations = [...others.map(({ calibration }) => calibration), ...now.calibrations];
  return { ...now, calibrations, threshold: Math.max(...calibrations.map(({ threshold }) => threshold)) };
}

/** Benign prompts whose answers say how far the readings of published rows spread. */
const SPREAD_PROMPTS = 12;

/** Throws MODX_USAGE_PROMPTS where a pack has to be read on benign answers first, and there is no prompt for one. */
function checkBenign({ folder, prompts }: CalibrateOptions, { manifest: { madeFor, detectors } }: Pack): void {
  if (prompts.benign.length > 0 || (madeFor === undefined && !detectors.some(lacksTails))) return;
  throw new ModxError("MODX_USAGE_PROMPTS", {
    what: `The pack in ${folder} has to be read on benign answers before it is calibrated, and there is no benign prompt.`,
    remedy: "Give benign prompts with --benign.",
  });
}

/** The pack with golden readings of what runs, where it has run on no model yet. */
async function seenRunning(
  pack: Pack,
  running: Identity,
  benign: readonly Prompt[],
  options: CalibrateOptions,
): Promise<Pack> {
  const { madeFor, ...manifest } = pack.manifest;
  if (madeFor === undefined) return pack;
  // refuses what does not fit
  await openDraft(options, pack);
  const spoken = await conversationsOf(options.engine, benign.slice(0, SPREAD_PROMPTS));
  const golden = await makeGolden(options.engine, pack.readouts as readonly Readout[], spoken);
  return { ...pack, manifest: { ...manifest, identities: [running] }, golden };
}

function openDraft({ engine, files, base = null }: CalibrateOptions, pack: Pack): Promise<Guard> {
  return openGuard({ engine, packs: [pack], files, base, exact: true, policy: checkPolicy("log"), drafts: true });
}

function keepOf({ work, files }: CalibrateOptions, guard: Guard): Keep {
  return work === undefined ? keepNothing : keepIn(work, answerSettings(guard, files));
}

/** The detectors with every listed feature measured, and a guard with them. */
async function withTails(
  options: CalibrateOptions,
  guard: Guard,
  pack: Pack,
  benign: readonly Prompt[],
): Promise<{ specs: DetectorSpec[]; watching: Guard }> {
  const { detectors } = pack.manifest;
  if (!detectors.some(lacksTails)) return { specs: detectors, watching: guard };
  const specs = await measureTails(guard, detectors, benign, options.length, keepOf(options, guard));
  const watching = await openDraft(options, { ...pack, manifest: { ...pack.manifest, detectors: specs } });
  return { specs, watching };
}
