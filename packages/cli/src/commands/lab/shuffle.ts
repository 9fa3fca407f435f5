import { loadBlockSet, shuffleControl } from "@modx/lab";
import type { Command } from "commander";
import { repeated, wholeNumber } from "../../options/option.ts";
import { progressBar } from "../../print/progress-bar.ts";

interface ShuffleFlags {
  recording: string[];
  times: number;
  responses: number;
  json?: boolean;
}

export function addShuffle(lab: Command): void {
  lab
    .command("shuffle")
    .description("a control: train on labels that were dealt out anew, and see that nothing is learnt")
    .requiredOption("--recording <dir>", "recording that a pack was trained on; may be repeated", repeated)
    .option("--times <n>", "times that the labels are dealt out", wholeNumber("the number of times", 1), 20)
    .option("--responses <n>", "responses that are used", wholeNumber("the number of responses", 40), 600)
    .option("--json", "print one JSON object")
    .action((flags: ShuffleFlags) => {
      const bar = progressBar("trained", "items");
      const areas = shuffleControl(loadBlockSet({ suspect: flags.recording }), { ...flags, onProgress: bar.update });
      bar.end();
      const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ mean, areas })}\n`
          : `mean area under the ROC curve ${mean.toFixed(3)} over ${areas.length} shuffles (${Math.min(...areas).toFixed(3)} to ${Math.max(...areas).toFixed(3)}); chance is 0.5\n`,
      );
    });
}
