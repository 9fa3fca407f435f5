import { type CatalogueEntry, catalogueEntries } from "@modx/sae";
import type { Command } from "commander";

export function addSaeList(sae: Command): void {
  sae
    .command("list")
    .description(
      "public autoencoders of the residual stream that can be named: SAELens' name, Neuronpedia's, model, block",
    )
    .argument("[filter]", "only those in whose names, model, family or repository this stands")
    .option("--json", "print JSON Lines")
    .action((filter: string | undefined, { json }: { json?: boolean }) => {
      const entries = catalogueEntries().filter((entry) => fits(entry, filter));
      // whoever reads it may have seen enough: `modx sae list | head`
      process.stdout.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") throw error;
      });
      process.stdout.write(
        entries.map((entry) => (json === true ? `${JSON.stringify(entry)}\n` : line(entry))).join(""),
      );
    });
}

function fits({ id, neuronpedia, model, family, repo, path }: CatalogueEntry, filter = ""): boolean {
  return [id, neuronpedia ?? "", model, family, `${repo}/${path}`].some((text) =>
    text.toLowerCase().includes(filter.toLowerCase()),
  );
}

function line({ id, neuronpedia, model, layer }: CatalogueEntry): string {
  return `${id}  ${neuronpedia ?? "-"}  ${model}  ${layer}\n`;
}
