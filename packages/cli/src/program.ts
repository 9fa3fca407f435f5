import { Command } from "commander";
import { addBench } from "./commands/bench.ts";
import { addCheck } from "./commands/check.ts";
import { addLab } from "./commands/lab.ts";
import { addRun } from "./commands/run.ts";

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("modx")
    .description("Runs an open-weights language model, watches it think, and acts before a token leaves.")
    .version("0.1.0")
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false });
  addRun(program);
  addCheck(program);
  addLab(program);
  addBench(program);
  return program;
}
