import { type CatalogueEntry, openSae } from "@modx/sae";
import type { Command } from "commander";
import { saeFolder } from "../open/sae-folder.ts";
import { addSaeCheck } from "./sae-check.ts";
import { addSaeList } from "./sae-list.ts";
import { addSaeWrong } from "./sae-wrong.ts";

interface SaeFlags {
  family?: string;
  offline?: boolean;
  json?: boolean;
}

const SAE = "folder with its configuration and weights, hf:USER/REPO/FOLDER, or a name of `modx sae list`";

export function addSae(program: Command): void {
  const sae = program.command("sae").description("look at sparse autoencoders");
  addSaeList(sae);
  sae
    .command("inspect")
    .description("of what family an autoencoder is, its sizes, where it reads, and how well its reader is proved")
    .argument("<name>", SAE)
    .option("--family <name>", "instead of the one that recognises it")
    .option("--offline", "use only what is on this machine")
    .option("--json", "print one JSON object")
    .action(inspect);
  addSaeCheck(sae, SAE);
  addSaeWrong(sae, SAE);
}

async function inspect(path: string, flags: SaeFlags): Promise<void> {
  const folder = await saeFolder(path, flags);
  const opened = await openSae(folder, flags.family);
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
      ...(folder.entry !== undefined && names(folder.entry)),
    };
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(found)}\n`
        : Object.entries(found)
            .map(([name, value]) => `${name.padEnd(13)}${value ?? "not said"}\n`)
            .join(""),
    );
  } finally {
    await opened.file.close();
  }
}

/** What the catalogue adds to what the files say. */
function names({ id, neuronpedia, explained, repo, path }: CatalogueEntry): Record<string, string | number | null> {
  return { explained, saelens: id, neuronpedia, place: `hf:${repo}/${path}` };
}
