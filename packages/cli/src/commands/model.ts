import { listModels, resolveModel } from "@modx/hub";
import type { Command } from "commander";
import { openModel } from "../open/open-model.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions } from "../options/option.ts";
import { progressBar } from "../print/progress-bar.ts";

export function addModel(program: Command): void {
  const model = program.command("model").description("models that can be run");
  model
    .command("list")
    .description("built-in models and what is in the caches")
    .option("--json", "print JSON")
    .action(async (flags: { json?: boolean }) => {
      const models = await listModels();
      if (flags.json === true) process.stdout.write(`${JSON.stringify(models)}\n`);
      else
        for (const { name, bytes, present, path } of models)
          process.stdout.write(`${name}  ${(bytes / 1e6).toFixed(0)} MB  ${present ? path : "not fetched"}\n`);
    });
  model
    .command("pull")
    .description("fetch a model and print its path")
    .argument("[name]", "name, hf:USER/REPO[:QUANT] or path; default: the built-in model")
    .action(async (name: string | undefined) => {
      const bar = progressBar("fetching the model");
      try {
        const { path } = await resolveModel(name, { onProgress: bar.update });
        bar.end();
        process.stdout.write(`${path}\n`);
      } finally {
        bar.end();
      }
    });
  const inspect = model.command("inspect").description("what a model is").option("--json", "print JSON");
  addOptions(inspect, MODEL_OPTIONS).action(async (flags: ModelFlags & { json?: boolean }) => {
    const { engine, files } = await openModel(flags, { taps: [], sequences: 1 });
    const { chatTemplate: _, ...model } = engine.model;
    const facts = {
      ...model,
      sha256: files.modelSha256,
      adapters: files.adapters.map(({ sha256, scale }) => ({ sha256, scale })),
    };
    await engine.close();
    if (flags.json === true) process.stdout.write(`${JSON.stringify(facts)}\n`);
    else
      for (const [key, value] of Object.entries(facts))
        process.stdout.write(`${key}: ${typeof value === "object" ? JSON.stringify(value) : value}\n`);
  });
}
