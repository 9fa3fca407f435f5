import { writeSync } from "node:fs";
import { type GenerateRequest, type GuardEvent, generate } from "@modx/guard";
import { readPromptFile } from "@modx/lab";
import type { Command } from "commander";
import { openWatched, type Watched } from "../open/open-watched.ts";
import {
  GUARD_OPTIONS,
  type GuardFlags,
  MODEL_OPTIONS,
  type ModelFlags,
  SAMPLING_OPTIONS,
  type SamplingFlags,
} from "../options/model-options.ts";
import { addOptions, usage } from "../options/option.ts";
import { progressBar } from "../print/progress-bar.ts";
import { responseJson } from "../print/response-json.ts";
import { responseText } from "../print/response-text.ts";
import { EXIT_ALARM } from "./exit-status.ts";

interface RunFlags extends ModelFlags, GuardFlags, SamplingFlags {
  prompts?: string;
  system?: string;
  json?: boolean;
  reveal?: boolean;
}

/** Conversations at a time for a file of prompts. */
const MANY = 4;

export function addRun(program: Command): void {
  const command = program
    .command("run")
    .description("stream one answer, tokens coloured by score, alarms explained")
    .argument("[prompt]", "what the user says");
  addOptions(command, [...MODEL_OPTIONS, ...GUARD_OPTIONS, ...SAMPLING_OPTIONS]);
  command
    .option("--prompts <file>", "answer every prompt of a JSON Lines file instead, several at a time")
    .option("--system <text>", "system message")
    .option("--json", "print JSON Lines: tokens as they are released, then the verdict")
    .option("--reveal", "show the text of withheld tokens")
    .action(async (prompt: string | undefined, flags: RunFlags) => {
      if ((prompt === undefined) === (flags.prompts === undefined))
        throw usage(
          "There is no prompt, or two.",
          'Give one as text, or a file with --prompts: modx run "How are you?"',
        );
      const prompts = flags.prompts === undefined ? [] : readPromptFile(flags.prompts);
      const watched = await openWatched(flags, prompts.length === 0 ? 1 : MANY);
      try {
        const alarms =
          prompt === undefined ? await runMany(watched, prompts, flags) : await runOne(watched, prompt, flags);
        if (alarms > 0) process.exitCode = EXIT_ALARM;
      } finally {
        await watched.engine.close();
      }
    });
}

function request({ defaultTokens }: Watched, text: string, flags: RunFlags): GenerateRequest {
  const system = flags.system === undefined ? [] : [{ role: "system", content: flags.system }];
  return {
    messages: [...system, { role: "user", content: text }],
    maxTokens: flags.predict ?? defaultTokens,
    sampling: {
      ...(flags.temp !== undefined && { temperature: flags.temp }),
      ...(flags.topK !== undefined && { topK: flags.topK }),
      ...(flags.topP !== undefined && { topP: flags.topP }),
      ...(flags.minP !== undefined && { minP: flags.minP }),
      ...(flags.seed !== undefined && { seed: flags.seed }),
    },
  };
}

async function runOne(watched: Watched, prompt: string, flags: RunFlags): Promise<number> {
  let alarms = 0;
  for await (const event of generate(watched.guard, request(watched, prompt, flags))) {
    print(watched, event, flags);
    if (event.type === "outcome" && event.alarm !== null) alarms += 1;
  }
  return alarms;
}

async function runMany(
  watched: Watched,
  prompts: readonly { id: string; text: string }[],
  flags: RunFlags,
): Promise<number> {
  const bar = progressBar("answered", "items");
  const waiting = prompts.values();
  let [alarms, done] = [0, 0];
  const work = async (): Promise<void> => {
    for (const { id, text } of waiting) {
      const events: GuardEvent[] = [];
      for await (const event of generate(watched.guard, request(watched, text, flags))) {
        if (flags.json === true) print(watched, event, flags, id);
        else events.push(event);
        if (event.type === "outcome" && event.alarm !== null) alarms += 1;
      }
      // without --json an answer is printed whole, so that answers do not mix
      if (flags.json !== true) {
        out(`--- ${id}: ${text}\n`);
        for (const event of events) print(watched, event, flags, id);
      }
      done += 1;
      bar.update(done, prompts.length);
    }
  };
  await Promise.all(Array.from({ length: watched.engine.properties.sequences }, work));
  bar.end();
  return alarms;
}

function print({ guard, engine }: Watched, event: GuardEvent, flags: RunFlags, id?: string): void {
  const reveal = flags.reveal === true;
  if (flags.json === true) {
    const line = responseJson(event, {
      names: engine.rowNames,
      policy: guard.policy,
      reveal,
      ...(id !== undefined && { id }),
    });
    if (line !== null) out(`${JSON.stringify(line)}\n`);
  } else {
    const colour = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
    out(responseText(event, { policy: guard.policy, reveal, colour }));
  }
}

/** Written at once, so that a token is out when its line says so, and nothing is lost at exit. */
function out(text: string): void {
  if (text === "") return;
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}
