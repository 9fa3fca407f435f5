import { Command } from "commander";
import { addBench } from "./commands/bench.ts";
import { addBuild } from "./commands/build.ts";
import { addCheck } from "./commands/check.ts";
import { addLab } from "./commands/lab/index.ts";
import { addModel } from "./commands/model.ts";
import { addPack } from "./commands/pack/pack.ts";
import { addRun } from "./commands/run.ts";
import { addSae } from "./commands/sae.ts";
import { addServe } from "./commands/serve.ts";

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("modx")
    .description("Runs an open-weights language model, watches it think, and acts before a token leaves.")
    .version("0.1.0")
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false });
  addServe(program);
  addRun(program);
  addCheck(program);
  addModel(program);
  addPack(program);
  addSae(program);
  addBuild(program);
  addLab(program);
  addBench(program);
  return program;
}
