import { runningIdentity } from "@modx/guard";
import { choiceOf, readHeader, trainPack } from "@modx/lab";
import { checkPackFolder, packNameOf, readPack } from "@modx/pack";
import type { Command } from "commander";
import { openForRecording } from "../../open/open-for-recording.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../../options/model-options.ts";
import { addOptions, repeated } from "../../options/option.ts";
import { note } from "../../print/note.ts";

interface TrainFlags extends ModelFlags {
  recording: string[];
  baseRecording?: string[];
  otherRecording?: string[];
  like?: string;
  out: string;
}

export function addTrain(lab: Command): void {
  const command = lab
    .command("train")
    .description("train a draft pack from recordings: probes, and how they are joined");
  addOptions(command, MODEL_OPTIONS);
  command
    .requiredOption("--recording <dir>", "recording to train on; may be repeated", repeated)
    .option(
      "--base-recording <dir>",
      "recording of the model that this one was made from, at the same taps; may be repeated",
      repeated,
    )
    .option(
      "--other-recording <dir>",
      "recording of another suspect made from the same model, at the same taps; may be repeated",
      repeated,
    )
    .option("--like <dir>", "take taps, penalty, windows and terms from this pack instead of choosing them")
    .requiredOption("--out <dir>", "folder of the pack")
    .action(async (flags: TrainFlags) => {
      checkPackFolder(flags.out);
      const name = packNameOf(flags.out);
      const like = flags.like === undefined ? undefined : choiceOf(readPack(flags.like));
      const { taps } = readHeader(flags.recording[0] ?? "");
      const { engine, files } = await openForRecording(flags, taps);
      try {
        await trainPack({
          engine,
          identity: runningIdentity(engine, files),
          recordings: flags.recording,
          ...(flags.baseRecording !== undefined && { baseRecordings: flags.baseRecording }),
          ...(flags.otherRecording !== undefined && { otherRecordings: flags.otherRecording }),
          ...(like !== undefined && { like }),
          name,
          folder: flags.out,
          onProgress: note,
        });
      } finally {
        await engine.close();
      }
      note(`draft pack in ${flags.out}; give it a threshold with: modx lab calibrate --pack ${flags.out}`);
    });
}
