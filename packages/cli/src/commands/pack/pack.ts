import { packJsonSchema } from "@modx/pack";
import type { Command } from "commander";
import { addDiff } from "./diff.ts";
import { addExport } from "./export.ts";
import { addImport } from "./import.ts";
import { addInspect } from "./inspect.ts";
import { addResolve } from "./resolve.ts";
import { addSign } from "./sign.ts";
import { addVerify } from "./verify.ts";

export function addPack(program: Command): void {
  const pack = program.command("pack").description("look at packs, make them of lists of features, sign them");
  addInspect(pack);
  addVerify(pack);
  addImport(pack);
  addResolve(pack);
  addExport(pack);
  addDiff(pack);
  addSign(pack);
  pack
    .command("schema")
    .description("print the JSON Schema of pack.json")
    .action(() => {
      process.stdout.write(`${JSON.stringify(packJsonSchema(), null, 2)}\n`);
    });
}
