import { type Command, CommanderError } from "commander";
import { spellOut } from "./options/long-spellings.ts";
import { describeError } from "./print/error-line.ts";
import { createProgram } from "./program.ts";

/** commander prints its own one-line errors; they become ours, with our exit status. */
function overrideExit(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(
        `modx: MODX_USAGE: ${text
          .replace(/^error: /, "")
          .replace(/\s*\n\s*/g, " ")
          .replace(/\.+\s*$/, "")
          .trim()}. See: ${pathOf(command)} --help\n`,
      ),
  });
  command.commands.forEach(overrideExit);
}

/** A command with those that it stands below, as `modx lab train`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

async function main(): Promise<void> {
  try {
    const program = createProgram();
    overrideExit(program);
    await program.parseAsync(spellOut(process.argv.slice(2)), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { line, status } = describeError(error);
    process.stderr.write(`${line}\n`);
    if (process.env["MODX_TRACE"] === "1" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = status;
  }
}

await main();
