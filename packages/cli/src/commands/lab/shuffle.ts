import { loadBlockSet, shuffleControl } from "@modx/lab";
import type { Command } from "commander";
import { repeated, wholeNumber } from "../../options/option.ts";
import { progressBar } from "../../print/progress-bar.ts";
import { EXIT_ALARM } from "../exit-status.ts";

interface ShuffleFlags {
  recording: string[];
  baseRecording?: string[];
  times: number;
  responses: number;
  json?: boolean;
}

/** Mean areas that are chance. */
const CHANCE = [0.45, 0.55] as const;

export function addShuffle(lab: Command): void {
  lab
    .command("shuffle")
    .description("a control: train on labels that were dealt out anew, and see that nothing is learnt")
    .requiredOption("--recording <dir>", "recording that a pack was trained on; may be repeated", repeated)
    .option("--base-recording <dir>", "recording of its base at the same taps; may be repeated", repeated)
    .option("--times <n>", "times that the labels are dealt out", wholeNumber("the number of times", 1), 20)
    .option("--responses <n>", "responses that are used", wholeNumber("the number of responses", 40), 600)
    .option("--json", "print one JSON object")
    .action((flags: ShuffleFlags) => {
      const bar = progressBar("trained", "items");
      const { recording: suspect, baseRecording: base = [], times, responses } = flags;
      const areas = shuffleControl(loadBlockSet({ suspect, base }), { times, responses, onProgress: bar.update });
      bar.end();
      const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
      const chance = mean >= CHANCE[0] && mean <= CHANCE[1];
      if (!chance) process.exitCode = EXIT_ALARM;
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ mean, chance, areas })}\n`
          : `mean area under the ROC curve ${mean.toFixed(3)} over ${areas.length} shuffles (${Math.min(...areas).toFixed(3)} to ${Math.max(...areas).toFixed(3)}): ${chance ? "chance" : `not chance, which is ${CHANCE.join(" to ")}: something is known that should not be`}\n`,
      );
    });
}
