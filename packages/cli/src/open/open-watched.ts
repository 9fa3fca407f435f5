import type { Supervision } from "@modx/engine";
import {
  baseTapsOf,
  checkPolicy,
  type Guard,
  openGuard,
  type Policy,
  refuseDraft,
  runningIdentity,
  tapsOf,
} from "@modx/guard";
import { fitOf, type Pack, readPack, readPublicKey } from "@modx/pack";
import type { GuardFlags, ModelFlags } from "../options/model-options.ts";
import { note } from "../print/note.ts";
import { checkNames } from "./beside.ts";
import { DEFAULT_PACK, hasBuiltIns } from "./built-in.ts";
import { isDefaultModel, type OpenedModel, type OpenNeeds, openModel } from "./open-model.ts";

export interface Watched extends OpenedModel {
  guard: Guard;
  /** Response tokens to generate when the flags do not say: what the packs that may alarm are calibrated for. */
  defaultTokens: number;
}

/** Response tokens when there is no pack to say how many it is calibrated for. */
const UNWATCHED_TOKENS = 256;

/** What is not said by flags. */
export interface WatchedNeeds {
  /** See `OpenNeeds`. */
  supervision?: Supervision;
  queue?: number;
  /** Asks the base for every response, where packs read it: scores are then exact. */
  exact?: boolean;
  /** Taps that something else reads too. */
  taps?: readonly string[];
  /** Packs that never alarm, drafts among them. */
  packs?: readonly Pack[];
}

/** Opens a model and the packs that watch it. Of the flags' packs none may be a draft: throws MODX_PACK_DRAFT before anything is opened. */
export async function openWatched(
  flags: ModelFlags & GuardFlags,
  sequences: number,
  { taps: moreTaps = [], packs: beside = [], supervision, queue, exact = false }: WatchedNeeds = {},
): Promise<Watched> {
  if (flags.policy !== undefined) checkPolicy(flags.policy);
  const named = readPacks(flags);
  named.forEach(refuseDraft);
  checkNames(named, beside);
  const packs = [...named, ...beside];
  const opened = await openModel(flags, {
    taps: [...new Set([...tapsOf(packs), ...moreTaps])],
    sequences,
    ...baseNeeds(packs, flags.base),
    ...(supervision !== undefined && { supervision }),
    ...(queue !== undefined && { queue }),
  });
  try {
    const policy = choosePolicy(flags, packs, opened);
    const guard = await openGuard({
      engine: opened.engine,
      packs,
      files: opened.files,
      base: opened.base,
      exact,
      policy,
      allowUncalibrated: flags.allowUncalibrated === true,
      drafts: beside.length > 0,
    });
    if (packs.length === 0) note("no pack: nothing is watched (give one with --pack)");
    guard.fits.forEach((fit, index) => {
      if (fit.level === "uncalibrated") {
        note(
          `the pack ${packs[index]?.manifest.name} is not calibrated for this: ${fit.reasons.join(", ")}; policy ${policy.action}`,
        );
      }
    });
    return { ...opened, guard, defaultTokens: calibratedTokens(named) ?? UNWATCHED_TOKENS };
  } catch (error) {
    await opened.engine.close();
    throw error;
  }
}

/** Tokens of the longest response that all of the packs' calibrations cover; undefined where there are none. */
export function calibratedTokens(packs: readonly Pack[]): number | undefined {
  const lengths = packs.flatMap(({ manifest }) =>
    manifest.detectors.flatMap(({ calibrations }) => calibrations.map(({ length }) => length)),
  );
  return lengths.length === 0 ? undefined : Math.min(...lengths);
}

/** Where packs read the model that this one was made from, if any does. */
export function baseNeeds(packs: readonly Pack[], named: string | undefined): Pick<OpenNeeds, "base"> {
  const taps = baseTapsOf(packs);
  return taps.length === 0 ? {} : { base: { taps, ...(named !== undefined && { named }) } };
}

function readPacks(flags: ModelFlags & GuardFlags): Pack[] {
  const trusted = flags.trust?.map(readPublicKey);
  return packFolders(flags).map((folder) => readPack(folder, trusted));
}

/** Folders of the packs that the flags name, or of the built-in one where they name none and its model. */
export function packFolders(flags: ModelFlags & GuardFlags): string[] {
  if (flags.pack !== undefined) return flags.pack.filter((folder) => folder !== "none");
  return isDefaultModel(flags) && hasBuiltIns() ? [DEFAULT_PACK] : [];
}

/** Halting is the default only where its false-alarm rate is known. */
function choosePolicy(flags: GuardFlags, packs: readonly Pack[], { engine, files }: OpenedModel): Policy {
  const running = runningIdentity(engine, files);
  const calibrated = packs.every((pack) => fitOf(pack.manifest, running).level === "calibrated");
  return checkPolicy(
    flags.policy ?? (calibrated || flags.allowUncalibrated === true ? "halt" : "alert"),
    flags.hold ?? 1,
  );
}
