import { ModxError } from "@modx/errors";
import { bindBase, replayGolden, runningIdentity, tapsOf } from "@modx/guard";
import { type Fit, fitOf, GOLDEN_TOLERANCE, isResolved, type Pack, readAnyPack, readPublicKey } from "@modx/pack";
import type { Command } from "commander";
import { type OpenedModel, openModel } from "../../open/open-model.ts";
import { baseNeeds } from "../../open/open-watched.ts";
import { BASE_OPTION, MODEL_OPTIONS, type ModelFlags, TRUST_OPTION } from "../../options/model-options.ts";
import { addOptions } from "../../options/option.ts";

interface VerifyFlags extends ModelFlags {
  trust?: string[];
  base?: string;
  json?: boolean;
}

/** How it fits, with what it asks of the base. */
type Verified = Pick<Fit, "level" | "reasons">;

type Trust = "none" | "valid" | "invalid" | "untrusted";

interface Findings {
  fit: Fit["level"];
  reasons: string[];
  /** Root of the mean square over the tokens, of the worst row, in spreads; null where nothing was replayed. */
  golden_max_error: number | null;
  signature: Trust;
  unresolved: boolean;
}

export function addVerify(pack: Command): void {
  const verify = pack
    .command("verify")
    .description("check a pack's files, its signature, its fit to the model, and its golden readings")
    .argument("<dir>")
    .option("--json", "print one JSON object");
  addOptions(verify, [TRUST_OPTION, BASE_OPTION, ...MODEL_OPTIONS]).action(verifyPack);
}

async function verifyPack(folder: string, flags: VerifyFlags): Promise<void> {
  const trusted = flags.trust?.map(readPublicKey);
  const found = await findings(folder, flags, trusted);
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : inWords(found));
  const { fit, golden_max_error: error, signature } = found;
  const good = signature === "valid" || (signature === "none" && trusted === undefined);
  if (fit !== "calibrated" || error === null || error > GOLDEN_TOLERANCE || !good) process.exitCode = 1;
}

async function findings(folder: string, flags: VerifyFlags, trusted: readonly string[] | undefined): Promise<Findings> {
  let read: ReturnType<typeof readAnyPack>;
  try {
    read = readAnyPack(folder);
  } catch (error) {
    if (!ModxError.isInstance(error) || error.code !== "MODX_PACK_SIGNATURE") throw error;
    return {
      fit: "uncalibrated",
      reasons: [error.what],
      golden_max_error: null,
      signature: "invalid",
      unresolved: false,
    };
  }
  const signature = trustIn(read, trusted);
  if (!isResolved(read)) {
    const reasons = ["it names features and holds no rows yet"];
    return { fit: "uncalibrated", reasons, golden_max_error: null, signature, unresolved: true };
  }
  const { fit, error } = await onModel(read, flags);
  return { fit: fit.level, reasons: fit.reasons, golden_max_error: error, signature, unresolved: false };
}

function trustIn({ signature }: ReturnType<typeof readAnyPack>, trusted: readonly string[] | undefined): Trust {
  if (signature === null) return "none";
  if (trusted === undefined) return "valid";
  return trusted.includes(signature.key) ? "valid" : "untrusted";
}

async function onModel(pack: Pack, flags: VerifyFlags): Promise<{ fit: Verified; error: number | null }> {
  let opened: OpenedModel;
  try {
    opened = await openModel(flags, { taps: tapsOf([pack]), sequences: 1, ...baseNeeds([pack], flags.base) });
  } catch (error) {
    if (!ModxError.isInstance(error) || error.code !== "MODX_USAGE_TAP") throw error;
    return { fit: { level: "incompatible", reasons: [error.what] }, error: null };
  }
  const { engine, files, base } = opened;
  try {
    const fit = fitOf(pack.manifest, runningIdentity(engine, files));
    if (fit.level === "incompatible" || pack.manifest.identities.length === 0) return { fit, error: null };
    const otherBase = (await bindBase(base, [pack])).differing[0] ?? [];
    // a guard would refuse; here the figure is wanted
    await engine.bind(
      pack.readouts.map((readout) => ({ ...readout, tap: readout.tap as `blocks.${number}.hook_resid_post` })),
    );
    const rows = { identity: fit.identity, from: 0, count: engine.rowNames.length };
    const error = await replayGolden(engine, pack, rows);
    return {
      fit: otherBase.length === 0 ? fit : { level: "uncalibrated", reasons: [...fit.reasons, ...otherBase] },
      error,
    };
  } finally {
    await engine.close();
  }
}

const SIGNATURES: Record<Trust, string> = {
  none: "none",
  valid: "valid",
  invalid: "not one of these files",
  untrusted: "of another key than those that are trusted",
};

function inWords({ fit, reasons, golden_max_error: error, signature }: Findings): string {
  const lines = [
    `fit: ${fit}${reasons.length === 0 ? "" : ` (${reasons.join(", ")})`}`,
    `signature: ${SIGNATURES[signature]}`,
  ];
  if (error !== null) lines.push(`golden readings: off by ${error.toFixed(4)} spreads, ${GOLDEN_TOLERANCE} allowed`);
  return `${lines.join("\n")}\n`;
}
