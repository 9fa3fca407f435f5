import type { ChatMessage, Engine, Sampling } from "@modx/engine";
import { ModxError } from "@modx/errors";
import { createDetector, type Detector, indexRows, Watch } from "@modx/monitor";
import { type Fit, fitOf, fitOn, GOLDEN_TOLERANCE, type Pack, thresholdOn } from "@modx/pack";
import type { Policy } from "../policy.ts";
import { type BaseLane, type BoundBase, bindBase } from "./base-lane.ts";
import { checkBound } from "./check-bound.ts";
import { goldenFailure, replayGolden } from "./golden-replay.ts";
import { type RunningFiles, runningIdentity, systemHashOf } from "./running-identity.ts";

export interface GuardOptions {
  /** Opened with at least `tapsOf(packs)`. */
  engine: Engine;
  packs: readonly Pack[];
  files: RunningFiles;
  policy: Policy;
  /** The model that this one was made from, for packs that ask it. */
  base?: BaseLane | null;
  /** Ask it for every response, so that all scores are exact, and not only where an alarm depends on it. Defaults to false. */
  exact?: boolean;
  /** Accept packs that were trained and never calibrated, which alarm on nothing. Defaults to false. */
  drafts?: boolean;
  /** The owner's consent to halt on thresholds that were not calibrated for what runs. Defaults to false. */
  allowUncalibrated?: boolean;
}

/** A monitored engine. */
export interface Guard {
  readonly engine: Engine;
  readonly policy: Policy;
  readonly packs: readonly Pack[];
  readonly base: BoundBase | null;
  readonly exact: boolean;
  /** How each pack fits the model; the conversation can make it worse. */
  readonly fits: readonly Fit[];
  /**
   * Follows one conversation's response, whose tokens are chosen greedily unless `sampling` says otherwise. Throws MODX_INTERNAL where
   * another guard has been opened on the engine since.
   */
  watch(messages: readonly ChatMessage[], sampling?: Sampling): Watch;
}

/** The taps that the packs read, each once. */
export function tapsOf(packs: readonly Pack[]): string[] {
  return [...new Set(packs.flatMap((pack) => pack.readouts.map((readout) => readout.tap)))];
}

/**
 * Binds the packs' readouts and checks that they fit. Throws MODX_PACK_INCOMPATIBLE, MODX_PACK_GOLDEN, and
 * MODX_PACK_UNCALIBRATED where the policy halts on a threshold that was calibrated for something else.
 */
export async function openGuard({
  engine,
  packs,
  files,
  policy,
  base = null,
  exact = false,
  drafts = false,
  allowUncalibrated = false,
}: GuardOptions): Promise<Guard> {
  const { base: bound, differing: otherBase } = await bindBase(base, packs);
  const fits = packs.map((pack, index) =>
    withReasons(fitOf(pack.manifest, runningIdentity(engine, files)), otherBase[index]),
  );
  packs.forEach((pack, index) => {
    const fit = fits[index];
    if (fit !== undefined) checkFit(pack, fit, policy, allowUncalibrated);
    if (!drafts) refuseDraft(pack);
  });
  await engine.bind(
    packs.flatMap((pack) =>
      pack.readouts.map((readout) => ({ ...readout, tap: readout.tap as `blocks.${number}.hook_resid_post` })),
    ),
  );
  const { rowNames } = engine;

  const detectors: { pack: Pack; identity: number; detector: Detector; otherBase: string[] }[] = [];
  let [from, baseFrom] = [0, 0];
  for (const [index, pack] of packs.entries()) {
    const names = pack.readouts.flatMap((readout) => readout.rows.map((row) => row.name));
    // Another model's readings differ by right; only where the pack says that it fits must they agree.
    const fit = fits[index];
    if (fit?.same === true) {
      const error = await replayGolden(engine, pack, { identity: fit.identity, from, count: names.length });
      if (!(error <= GOLDEN_TOLERANCE)) throw goldenFailure(pack.manifest.name, error);
    }
    const identity = fit?.identity ?? 0;
    const rows = indexRows(names, from);
    const baseNames = pack.baseReadouts.flatMap((readout) => readout.rows.map((row) => row.name));
    const baseRows = indexRows(baseNames, baseFrom);
    for (const spec of pack.manifest.detectors) {
      const threshold = thresholdOn(spec, identity);
      const calibrations = spec.calibrations.filter((one) => one.identity === identity);
      const detector = createDetector({ ...spec, threshold, calibrations }, rows, baseRows);
      detectors.push({ pack, identity, detector, otherBase: otherBase[index] ?? [] });
    }
    from += names.length;
    baseFrom += baseNames.length;
  }

  return {
    engine,
    policy,
    packs,
    base: bound,
    exact,
    fits,
    watch: (messages, sampling = {}) => {
      if (detectors.length > 0) checkBound(engine, rowNames);
      const running = runningIdentity(engine, files, systemHashOf(messages));
      const turns = messages.filter((message) => message.role === "user").length;
      return new Watch(
        detectors.map(({ pack, identity, detector, otherBase: ofBase }) => {
          const { reasons } = fitOn(pack.manifest, identity, running);
          const all = [
            ...reasons,
            ...ofBase,
            ...(turns > 1 ? ["a conversation of several turns"] : []),
            ...(isGreedy(sampling) ? [] : ["tokens that are not chosen greedily"]),
          ];
          return { detector, fit: { holds: all.length === 0, reasons: all } };
        }),
      );
    },
  };
}

function withReasons(fit: Fit, more: readonly string[] = []): Fit {
  if (more.length === 0 || fit.level === "incompatible") return fit;
  return { ...fit, level: "uncalibrated", reasons: [...fit.reasons, ...more] };
}

/** Calibrations are made on greedy answers; what a bias, a grammar or a penalty makes of them is something else too. */
function isGreedy({ seed: _, alternatives: __, ...sampling }: Sampling): boolean {
  const { temperature = 0, logitBias = [], grammar = "", repeatPenalty = 1, ...rest } = sampling;
  const { presencePenalty = 0, frequencyPenalty = 0, dryMultiplier = 0 } = rest;
  const changes = [temperature, logitBias.length, grammar.length, repeatPenalty - 1];
  return [...changes, presencePenalty, frequencyPenalty, dryMultiplier].every((change) => change === 0);
}

/** Throws MODX_PACK_DRAFT where a pack was trained and never calibrated. */
export function refuseDraft({ manifest: { name, detectors } }: Pack): void {
  if (detectors.every(({ threshold }) => threshold !== null)) return;
  throw new ModxError("MODX_PACK_DRAFT", {
    what: `The pack ${name} was trained and never calibrated, so it has no threshold.`,
    remedy: "Calibrate it with: modx lab calibrate",
  });
}

function checkFit(pack: Pack, fit: Fit, policy: Policy, allowUncalibrated: boolean): void {
  const { name } = pack.manifest;
  if (fit.level === "incompatible") {
    throw new ModxError("MODX_PACK_INCOMPATIBLE", {
      what: `The pack ${name} is for another model: ${fit.reasons.join(", ")}.`,
      remedy: "Use the model that it was built for, or build a pack for this one with: modx build",
    });
  }
  if (fit.level === "uncalibrated" && policy.action === "halt" && !allowUncalibrated) {
    throw new ModxError("MODX_PACK_UNCALIBRATED", {
      what: `The pack ${name} was calibrated on something else (${fit.reasons.join(", ")}), so its false-alarm rate is unknown here.`,
      remedy:
        "Halt all the same with --allow-uncalibrated, use --policy alert, or build a pack for this model with: modx build",
    });
  }
}
