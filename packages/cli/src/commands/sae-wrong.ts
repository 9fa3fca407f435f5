import { nativeProjector } from "@modx/engine";
import { foldWhole, type MutationRow, mutationMatrix, openSae } from "@modx/sae";
import type { Command } from "commander";
import { saeFolder } from "../open/sae-folder.ts";
import { answersByLayer } from "../open/sae-residuals.ts";
import { tapOf } from "../open/sae-tap.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, wholeNumber } from "../options/option.ts";

interface WrongFlags extends ModelFlags {
  family?: string;
  layer?: number;
  json?: boolean;
}

/** How far off a block may be taken for the right one. */
const OFF = [0, 1, -1, 4, -4];

/** `place` says what may be named. */
export function addSaeWrong(sae: Command, place: string): void {
  const command = sae
    .command("wrong")
    .description(
      "read an autoencoder wrongly in every way that is known, and say which of them `modx sae check` would notice",
    )
    .argument("<name>", place)
    .option("--family <name>", "family of the autoencoder, instead of the one that recognises it")
    .option(
      "--layer <n>",
      "block behind which it reads the residual stream, where its files do not say",
      wholeNumber("the block"),
    )
    .option("--json", "print one JSON object for each way");
  addOptions(command, MODEL_OPTIONS).action(readWrongly);
}

async function readWrongly(path: string, flags: WrongFlags): Promise<void> {
  const opened = await openSae(await saeFolder(path, flags), flags.family);
  try {
    const { file, layout, published } = opened;
    const layer = Number(tapOf(opened, flags.layer).split(".")[1]);
    const texts = await answersByLayer(
      flags,
      OFF.map((off) => layer + off),
      layout.width,
    );
    const { threads, accelerator } = flags;
    const rows = await mutationMatrix(await foldWhole(file, layout), texts, {
      layer,
      published,
      project: nativeProjector({ threads, accelerator }),
    });
    for (const row of rows) process.stdout.write(flags.json === true ? `${JSON.stringify(row)}\n` : inWords(row));
  } finally {
    await opened.file.close();
  }
}

function inWords({ mutation, caught, symmetry, promised, cause }: MutationRow): string {
  const missed = promised ? "not noticed" : "not noticed, as nothing promises";
  const found = caught ? `noticed: ${cause}` : symmetry ? "nothing to notice" : missed;
  return `${mutation}: ${found}\n`;
}
