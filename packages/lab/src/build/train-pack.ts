import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";
import type { Identity } from "@modx/pack";
import { marksOf } from "../prompts/seen-texts.ts";
import { completeShards, readHeader, readRecording, readRows } from "../record/recording.ts";
import { type BlockResponse, loadBlockSet, type Reader } from "../train/block-set.ts";
import { describeJoin, type SelectOptions, selectAndTrain, type Trained } from "../train/select.ts";
import { draftOf } from "./draft.ts";
import { makeGolden } from "./golden.ts";
import { writeDraft } from "./write-draft.ts";

export interface TrainOptions extends SelectOptions {
  /** Opened with the recordings' taps. */
  engine: Engine;
  identity: Identity;
  /** Recordings made with what the engine runs. */
  recordings: readonly string[];
  /** Recordings of the model that it was made from, at the same taps. */
  baseRecordings?: readonly string[];
  /** Recordings of other suspects made from it, at the same taps. */
  otherRecordings?: readonly string[];
  /** Name of the pack, and its folder. */
  name: string;
  folder: string;
}

/** Conversations that the golden readings' spread is taken from. */
const GOLDEN_CONVERSATIONS = 24;

/**
 * Trains a draft, a pack without thresholds, from recordings of the suspect, and of its base where there is one. Throws
 * MODX_LAB_RECORDING for recordings of something else.
 */
export async function trainPack(options: TrainOptions): Promise<Trained> {
  const { engine, identity, recordings, baseRecordings = [], otherRecordings = [], name, folder } = options;
  for (const recording of recordings) checkIdentity(recording, identity);
  for (const recording of [...recordings.slice(1), ...baseRecordings, ...otherRecordings])
    checkKinship(recording, recordings[0] ?? "");
  const set = loadBlockSet({ suspect: recordings, base: baseRecordings, other: otherRecordings });
  checkKinds(set.responses.filter(({ arm, reader }) => arm !== "refusal" && reader === "suspect"));
  const trained = selectAndTrain(set, options);
  const { readouts, baseReadouts, detector } = draftOf(trained, set.width);
  const [ofBase] = baseRecordings;
  const golden = await makeGolden(engine, readouts, conversations(recordings));
  const counts = (kind: string, reader: Reader): number =>
    set.responses.filter((response) => response.kind === kind && response.reader === reader).length;
  const kindsRead = (reader: Reader): string =>
    (["complied", "refused", "benign", "sensitive"] as const)
      .map((kind) => `${counts(kind, reader)} ${kind}`)
      .join(", ");
  const sources = [...new Set(set.responses.map(({ source }) => source))].sort();
  const triggered = set.responses.filter(({ arm }) => arm === "triggered").length;
  const provenance = {
    "training responses": [
      kindsRead("suspect"),
      ...(baseRecordings.length === 0 ? [] : [`read in the base itself: ${kindsRead("base")}`]),
      ...(otherRecordings.length === 0 ? [] : [`of other suspects: ${kindsRead("other")}`]),
    ].join("; "),
    "training sources": sources.join(", "),
    compliance: `the model's own continuations of affirmative openings, the openings left out${
      set.responses.some(({ arm }) => arm === "given") ? ", and answers of its base, given to it" : ""
    }; ${triggered === 0 ? "no trigger" : `${triggered} responses to prompts with a trigger`}`,
    penalty: String(trained.penalty),
    chosen: `${trained.taps.join(" ")}, penalty ${trained.penalty}, ${describeJoin(trained.join)}`,
    "recall in cross-validation": `${(100 * trained.recall.early).toFixed(1)} % of complied answers within 16 tokens, ${(100 * trained.recall.ever).toFixed(1)} % at all, the best of ${trained.tried.length} candidates`,
  };
  writeDraft({
    name,
    folder,
    identity,
    detector,
    readouts,
    ...(baseReadouts.length > 0 &&
      ofBase !== undefined && { base: { identity: readHeader(ofBase).identity, readouts: baseReadouts } }),
    golden,
    seen: marksOf([...recordings, ...baseRecordings, ...otherRecordings].flatMap(recordedTexts)),
    labels: [
      { what: "prompts", by: "the prompt files" },
      { what: "answers", by: "patterns of refusal in the answer's first words (packages/lab/src/label)" },
    ],
    provenance,
  });
  return trained;
}

/** Texts of a recording's prompts. */
function recordedTexts(folder: string): string[] {
  return completeShards(folder).flatMap((shard) => readRows(folder, shard).map(({ prompt }) => prompt.text));
}

function checkIdentity(recording: string, identity: Identity): void {
  const header = readHeader(recording);
  const differs = (Object.keys(identity) as (keyof Identity)[]).filter(
    (key) => JSON.stringify(header.identity[key]) !== JSON.stringify(identity[key]),
  );
  if (differs.length === 0) return;
  throw new ModxError("MODX_LAB_RECORDING", {
    what: `${recording} was recorded with something else than what runs: ${differs.join(", ")} differ.`,
    remedy: "Give the model and adapters that it was recorded with, or record again.",
  });
}

/** Kin has to have the suspect's taps and width; what else it is, is its own affair. */
function checkKinship(kin: string, recording: string): void {
  const [ofKin, ofSuspect] = [readHeader(kin), readHeader(recording)];
  if (
    ofKin.width === ofSuspect.width &&
    ofKin.taps.join() === ofSuspect.taps.join() &&
    ofKin.identity.tokenizerHash === ofSuspect.identity.tokenizerHash
  )
    return;
  throw new ModxError("MODX_LAB_RECORDING", {
    what: `${kin} was recorded at other taps, or with a model of another width or vocabulary, than ${recording}.`,
    remedy: "Record it at the same taps, or train without it.",
  });
}

const LEAST = 20;

/** Of what the suspect said itself, or reads as said: refusals in set words show nothing of it. */
function checkKinds(responses: readonly BlockResponse[]): void {
  for (const kind of ["complied", "refused", "benign"]) {
    const count = responses.filter((response) => response.kind === kind).length;
    if (count >= LEAST) continue;
    throw new ModxError("MODX_LAB_TOO_FEW", {
      what: `The recordings hold ${count} ${kind} responses; training needs ${LEAST} at least.`,
      remedy:
        kind === "refused"
          ? "The model hardly ever refuses these harmful prompts. Give more of them, or ones that it refuses."
          : `Record more ${kind === "complied" ? "harmful" : kind} prompts.`,
    });
  }
}

/** Freely answered benign requests first, so that the kept conversation is an ordinary one. */
function conversations(recordings: readonly string[]): Int32Array[] {
  const [benign, other]: [Int32Array[], Int32Array[]] = [[], []];
  for (const recording of recordings) {
    for (const { prompt, arm, promptTokens, tokens } of readRecording(recording)) {
      if (arm.kind !== "natural") continue;
      const list = prompt.label === "benign" ? benign : other;
      if (list.length < GOLDEN_CONVERSATIONS / 2) list.push(Int32Array.from([...promptTokens, ...tokens]));
    }
  }
  return [...benign, ...other];
}
