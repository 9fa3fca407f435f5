import { readFileSync } from "node:fs";
import { ModxError } from "@modx/errors";
import { type GuardEvent, judge } from "@modx/guard";
import type { Command } from "commander";
import { openWatched } from "../open/open-watched.ts";
import { GUARD_OPTIONS, type GuardFlags, MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions } from "../options/option.ts";
import { responseJson } from "../print/response-json.ts";
import { responseText } from "../print/response-text.ts";
import { EXIT_ALARM } from "./exit-status.ts";

interface CheckFlags extends ModelFlags, GuardFlags {
  prompt: string;
  response: string;
  system?: string;
  json?: boolean;
}

export function addCheck(program: Command): void {
  const command = program
    .command("check")
    .description("judge a given prompt and response by teacher forcing, no generation");
  addOptions(command, [...MODEL_OPTIONS, ...GUARD_OPTIONS]);
  command
    .requiredOption("--prompt <text>", "what the user said; @FILE reads it from a file")
    .requiredOption("--response <text>", "what was answered; @FILE reads it from a file")
    .option("--system <text>", "system message")
    .option("--json", "print JSON Lines: tokens, then the verdict")
    .action(async (flags: CheckFlags) => {
      const [prompt, response] = [textOf(flags.prompt), textOf(flags.response)];
      // nothing leaves here, so there is nothing to halt
      const watched = await openWatched({ ...flags, policy: "log" }, 1);
      const { guard, engine } = watched;
      const system = flags.system === undefined ? [] : [{ role: "system", content: flags.system }];
      try {
        for await (const event of judge(guard, {
          messages: [...system, { role: "user", content: prompt }],
          response,
        })) {
          print(event);
          if (event.type === "outcome" && event.alarm !== null) process.exitCode = EXIT_ALARM;
        }
      } finally {
        await engine.close();
      }

      function print(event: GuardEvent): void {
        if (flags.json === true) {
          const line = responseJson(event, { names: engine.rowNames, policy: guard.policy, reveal: true });
          if (line !== null) process.stdout.write(`${JSON.stringify(line)}\n`);
        } else {
          const colour = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
          process.stdout.write(responseText(event, { policy: guard.policy, reveal: true, colour }));
        }
      }
    });
}

function textOf(value: string): string {
  if (!value.startsWith("@")) return value;
  try {
    return readFileSync(value.slice(1), "utf8");
  } catch (cause) {
    throw new ModxError("MODX_USAGE_FILE_MISSING", {
      what: `${value.slice(1)} cannot be read.`,
      remedy: "Give the path of a text file behind the @.",
      cause,
    });
  }
}
