import { basename } from "node:path";
import { nativeProjector, type TapName } from "@modx/engine";
import type { SpliceLoss } from "@modx/lab";
import { type Check, check, type Figures, foldWhole, type OpenedSae, openSae, type Sae, unchecked } from "@modx/sae";
import type { Command } from "commander";
import { saeFolder } from "../open/sae-folder.ts";
import { checkSpliced, spliceLoss } from "../open/sae-loss.ts";
import { findResiduals, type ResidualFlags } from "../open/sae-residuals.ts";
import { tapOf } from "../open/sae-tap.ts";
import { MODEL_OPTIONS } from "../options/model-options.ts";
import { addOptions, wholeNumber } from "../options/option.ts";

interface CheckFlags extends ResidualFlags {
  family?: string;
  layer?: number;
  loss?: boolean;
  json?: boolean;
}

/** `place` says what may be named. */
export function addSaeCheck(sae: Command, place: string): void {
  const command = sae
    .command("check")
    .description("compare an autoencoder with its published figures on residuals of the model, or of a recording")
    .argument("<name>", place)
    .option("--family <name>", "instead of the one that recognises it")
    .option(
      "--layer <n>",
      "block behind which it reads the residual stream, where its files do not say",
      wholeNumber("the block"),
    )
    .option("--recording <dir>", "residuals of a recording (modx lab record) instead of the model's own answers")
    .option("--loss", "say too what it costs the model to go on from what it decodes instead of the residual")
    .option("--json", "print one JSON object");
  addOptions(command, MODEL_OPTIONS).action(checkOne);
}

async function checkOne(path: string, flags: CheckFlags): Promise<void> {
  const opened = await openSae(await saeFolder(path, flags), flags.family);
  try {
    const { file, layout } = opened;
    const tap = tapOf(opened, flags.layer);
    if (flags.loss === true) checkSpliced(layout, basename(path));
    let folded: Promise<Sae> | undefined;
    const whole = (): Promise<Sae> => {
      folded ??= foldWhole(file, layout);
      return folded;
    };
    const result = await resultOf(opened, whole, tap, flags);
    const loss = flags.loss === true ? await spliceLoss(flags, tap, await whole(), basename(path)) : null;
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ ...jsonOf(opened, result), ...(loss !== null && { loss }) })}\n`
        : textOf(opened, result) + (loss === null ? "" : lossText(loss)),
    );
    if (result.status === "failed") process.exitCode = 1;
  } finally {
    await opened.file.close();
  }
}

async function resultOf(
  { layout, published }: OpenedSae,
  whole: () => Promise<Sae>,
  tap: TapName,
  flags: CheckFlags,
): Promise<Check> {
  const found = await findResiduals(flags, tap, layout.width);
  if ("none" in found) return unchecked(published, found.none);
  const { threads, accelerator } = flags;
  return check(await whole(), found.texts, published, nativeProjector({ threads, accelerator }));
}

const NO_FIGURES: { [name in keyof Figures]: null } = {
  tokens: null,
  l0: null,
  fvu: null,
  dead: null,
  firstPosition: null,
};

function jsonOf({ family }: OpenedSae, { status, figures, expected, cause }: Check): Record<string, unknown> {
  const { l0, fvu, dead, firstPosition, tokens } = figures ?? NO_FIGURES;
  return { status, verified: family.verified, l0, fvu, dead, first_position: firstPosition, tokens, expected, cause };
}

function lossText({ tokens, clean, spliced, zero, recovered }: SpliceLoss): string {
  const nats = [clean, spliced, zero].map((loss) => loss.toFixed(3));
  return `${(100 * recovered).toFixed(1)} % of the loss recovered: ${nats[0]} nats a token as it is, ${nats[1]} from what is decoded, ${nats[2]} from nothing (${tokens} tokens)\n`;
}

function textOf({ family, about }: OpenedSae, { status, figures, cause }: Check): string {
  const proved = `the reader is proved by: ${family.verified}`;
  if (figures === null) return `${status}: ${cause}; ${proved}\n`;
  const { l0, fvu, dead, firstPosition, tokens } = figures;
  const parts = [
    `${l0.toFixed(1)} features active in a token${about.l0 === null ? "" : ` (published: ${about.l0})`}`,
    `${(100 * fvu).toFixed(1)} % of the variance unexplained`,
    `${(100 * dead).toFixed(1)} % never active in ${tokens} tokens`,
    ...(firstPosition === null ? [] : [`${firstPosition.toFixed(0)} active at position 0`]),
  ];
  return `${status}: ${parts.join(", ")}; ${proved}\n${cause === null ? "" : `likely cause: ${cause}\n`}`;
}
