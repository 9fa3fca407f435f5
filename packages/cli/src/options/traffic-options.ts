import { type Prompt, type PromptLabel, readPromptFile, sortTraffic, type Traffic } from "@modx/lab";
import { type OptionSpec, repeated, usage } from "./option.ts";

/** Files of prompts by what they are; a label inside a file wins over the flag. */
export interface TrafficFlags {
  harmful?: string[];
  benign?: string[];
  sensitive?: string[];
}

export const TRAFFIC_OPTIONS: readonly OptionSpec[] = [
  { flags: "--harmful <file>", description: "JSON Lines file of harmful requests; may be repeated", parse: repeated },
  { flags: "--benign <file>", description: "JSON Lines file of benign requests; may be repeated", parse: repeated },
  {
    flags: "--sensitive <file>",
    description: "JSON Lines file of benign requests that look harmful; may be repeated",
    parse: repeated,
  },
];

/** Reads the files. `seen` holds texts that are left out, and gets those of the result. */
export function readTraffic(flags: TrafficFlags, seen?: Set<string>): Traffic {
  const prompts = (["harmful", "benign", "sensitive"] as const).flatMap((label) =>
    (flags[label] ?? []).flatMap((file) => labelled(readPromptFile(file), label)),
  );
  if (prompts.length === 0)
    throw usage("There are no prompts.", "Give files with --harmful, --benign and, if you can, --sensitive.");
  return sortTraffic(prompts, seen);
}

function labelled(prompts: readonly Prompt[], label: PromptLabel): Prompt[] {
  return prompts.map((prompt) => ({ ...prompt, label: prompt.label ?? label }));
}
