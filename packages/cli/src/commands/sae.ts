import { type Engine, type TapName, tapName } from "@modx/engine";
import { check, foldWhole, type OpenedSae, openSae, type Residuals } from "@modx/sae";
import type { Command } from "commander";
import { openModel } from "../open/open-model.ts";
import { saeFolder } from "../open/sae-folder.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, usage, wholeNumber } from "../options/option.ts";
import { PLAIN_REQUESTS } from "./plain-requests.ts";

interface SaeFlags extends ModelFlags {
  family?: string;
  layer?: number;
  json?: boolean;
}

const ANSWER_TOKENS = 48;

export function addSae(program: Command): void {
  const sae = program.command("sae").description("look at sparse autoencoders");
  sae
    .command("inspect")
    .description("of what family an autoencoder is, its sizes, where it reads, and how well its reader is proved")
    .argument("<dir>", "folder with its configuration and weights, or hf:USER/REPO/FOLDER")
    .option("--family <name>", "instead of the one that recognises it")
    .option("--offline", "use only what is on this machine")
    .option("--json", "print one JSON object")
    .action(inspect);
  const command = sae
    .command("check")
    .description("compare an autoencoder with its published figures on residuals of the model")
    .argument("<dir>", "folder with its configuration and weights, or hf:USER/REPO/FOLDER")
    .option("--family <name>", "instead of the one that recognises it")
    .option(
      "--layer <n>",
      "block behind which it reads the residual stream, where its files do not say",
      wholeNumber("the block"),
    )
    .option("--json", "print one JSON object");
  addOptions(command, MODEL_OPTIONS).action(checkOnModel);
}

async function inspect(path: string, flags: SaeFlags): Promise<void> {
  const opened = await openSae(await saeFolder(path, flags), flags.family);
  try {
    const { family, layout, about } = opened;
    const found = {
      family: family.name,
      verified: family.verified,
      width: layout.width,
      features: layout.features,
      active: layout.active.rule,
      input: layout.input,
      ...about,
    };
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(found)}\n`
        : Object.entries(found)
            .map(([name, value]) => `${name.padEnd(10)}${value ?? "not said"}\n`)
            .join(""),
    );
  } finally {
    await opened.file.close();
  }
}

async function checkOnModel(path: string, flags: SaeFlags): Promise<void> {
  const opened = await openSae(await saeFolder(path, flags), flags.family);
  try {
    const { engine } = await openModel(flags, { taps: [tapOf(opened, flags.layer)], sequences: 1 });
    try {
      report(
        opened,
        await residualsOf(engine, opened.layout.width),
        flags,
        await foldWhole(opened.file, opened.layout),
      );
    } finally {
      await engine.close();
    }
  } finally {
    await opened.file.close();
  }
}

/** Where it reads: as its files say, or as the owner does. */
export function tapOf({ about }: OpenedSae, said: number | undefined): TapName {
  const layer = said ?? about.layer;
  if (layer === null) throw usage("Where the autoencoder reads is not known.", "Give the block with --layer.");
  return tapName(layer);
}

function report(
  { family, about }: OpenedSae,
  texts: Residuals[],
  { json }: SaeFlags,
  sae: Awaited<ReturnType<typeof foldWhole>>,
): void {
  const { status, figures, expected, cause } = check(sae, texts, about.l0);
  const { firstPosition, ...rest } = figures;
  const found = { status, verified: family.verified, ...rest, first_position: firstPosition, expected, cause };
  process.stdout.write(
    json === true
      ? `${JSON.stringify(found)}\n`
      : `${status}: ${figures.l0.toFixed(1)} features active in a token${about.l0 === null ? "" : ` (published: ${about.l0})`}, ${(100 * figures.fvu).toFixed(1)} % of the variance unexplained, ${(100 * figures.dead).toFixed(1)} % never active in ${figures.tokens} tokens, ${firstPosition.toFixed(0)} active at position 0; the reader is proved by: ${family.verified}\n${cause === null ? "" : `likely cause: ${cause}\n`}`,
  );
  if (status === "failed") process.exitCode = 1;
}

/** The residuals of the model's own answers. */
async function residualsOf(engine: Engine, width: number): Promise<Residuals[]> {
  if (engine.model.width !== width)
    throw usage(
      `The autoencoder is for a residual stream of width ${width}, the model's is ${engine.model.width}.`,
      "Give the model that it was trained on.",
    );
  const texts: Residuals[] = [];
  for (const content of PLAIN_REQUESTS) {
    const { tokens } = await engine.prompt([{ role: "user", content }]);
    const sequence = await engine.start({ maxTokens: tokens.length + ANSWER_TOKENS });
    const parts: Float32Array[] = [];
    let { next, residuals } = await sequence.decode(tokens, { sample: true, capture: true });
    for (let i = 0; ; i++) {
      parts.push(residuals?.[0] ?? new Float32Array());
      if (next === null || engine.isEnd(next) || i === ANSWER_TOKENS) break;
      ({ next, residuals } = await sequence.decode(Int32Array.of(next), { sample: true, capture: true }));
    }
    sequence.close();
    texts.push(Float32Array.from(parts.flatMap((part) => [...part])));
  }
  return texts;
}
