import { basename } from "node:path";
import { checkPackFolder, packNameOf, readFeatureSources, withSource, writeUnresolved } from "@modx/pack";
import type { Command } from "commander";
import { repeated, usage } from "../../options/option.ts";

interface ImportFlags {
  sae?: string;
  out: string;
  match?: string[];
  labels?: string;
}

/** The paper's, whose list of features does not say it. */
const PAPERS_SAE = "llama3.1-8b/21-llamascope-res-32k";

export function addImport(pack: Command): void {
  pack
    .command("import")
    .description("make a pack of a list of features: unresolved, for `modx pack resolve`")
    .argument(
      "<file>",
      "JSON, JSON Lines or CSV, also gzipped: indices with labels or without, a list or an export of Neuronpedia's, the paper's quarantined_features.json",
    )
    .requiredOption("--out <dir>", "folder of the pack")
    .option(
      "--sae <name>",
      `the autoencoder, where the file does not say it: a name of \`modx sae list\`, hf:USER/REPO/FOLDER, or a folder (default: the paper's, ${PAPERS_SAE})`,
    )
    .option("--match <text>", "only features whose label holds this; may be repeated", repeated)
    .option("--labels <file>", "another list, whose labels count where this one has none")
    .action(importList);
}

function importList(file: string, { sae, out, match, labels }: ImportFlags): void {
  checkPackFolder(out);
  const name = packNameOf(out);
  const of = sae ?? PAPERS_SAE;
  const read = readFeatureSources(file, { sae: of, ...(match && { match }), ...(labels !== undefined && { labels }) });
  const unplaced = read.find((source) => source.sae === null && source.model !== null);
  if (unplaced !== undefined && sae === undefined)
    throw usage(`${file} says the model, ${unplaced.model}, and not which autoencoder.`, "Name it with --sae.");
  const sources = withSource(file, read, of);
  const count = sources.reduce((sum, { features }) => sum + features.length, 0);
  const named = sources.map((source) => source.sae).join(" and ");
  const description = `${count} quarantined features of ${named}`;
  writeUnresolved(out, {
    manifest: {
      name,
      description,
      sources,
      labels: [{ what: "features", by: "the list that was imported" }],
      provenance: { list: basename(file) },
    },
    card: `# Pack ${name}\n\n${description}. Unresolved: it holds no rows yet, and monitors nothing.\n`,
  });
  process.stdout.write(`unresolved pack of ${description} in ${out}: modx pack resolve ${out}\n`);
}
