import {
  enoughToCalibrate,
  LABELS,
  type Prompt,
  type PromptLabel,
  readPromptFile,
  readSplits,
  type Splits,
  sortTraffic,
  type Traffic,
} from "@modx/lab";
import { note } from "../print/note.ts";
import { type OptionSpec, repeated, usage } from "./option.ts";

/** Files of prompts by what they are, where a label inside a file wins over the flag; or whole sources by what they are for. */
export interface TrafficFlags {
  harmful?: string[];
  benign?: string[];
  sensitive?: string[];
  splits?: string;
}

export const TRAFFIC_OPTIONS: readonly OptionSpec[] = [
  { flags: "--harmful <file>", description: "JSON Lines file of harmful requests; may be repeated", parse: repeated },
  { flags: "--benign <file>", description: "JSON Lines file of benign requests; may be repeated", parse: repeated },
  {
    flags: "--sensitive <file>",
    description: "JSON Lines file of benign requests that look harmful; may be repeated",
    parse: repeated,
  },
  {
    flags: "--splits <file>",
    description: "instead of these: prompts whose whole sources have one role each (probe, calibration, test)",
  },
];

/** Reads the prompts of the files, or those that a splits file gives the role. */
export function readTraffic(flags: TrafficFlags, role: "calibration" | "test"): Traffic {
  if (flags.splits === undefined) return sortTraffic(readTrafficFiles(flags));
  const { roles } = splitsOf(flags, flags.splits);
  return role === "calibration" ? enoughToCalibrate(roles.calibration) : roles.test;
}

export function readTrafficFiles(flags: TrafficFlags): Prompt[] {
  const prompts = LABELS.flatMap((label) =>
    (flags[label] ?? []).flatMap((file) => labelled(readPromptFile(file), label)),
  );
  if (prompts.length === 0)
    throw usage("There are no prompts.", "Give files with --harmful, --benign and, if you can, --sensitive.");
  return prompts;
}

/** Reads a splits file, and says which of its prompt files are not here. */
export function splitsOf(flags: TrafficFlags, path: string): Splits {
  const both = LABELS.find((label) => flags[label] !== undefined);
  if (both !== undefined)
    throw usage(`--splits and --${both} both say what the prompts are.`, "Leave one of them out.");
  const splits = readSplits(path);
  for (const file of splits.missing) note(`skipped: ${file} is not here`);
  return splits;
}

function labelled(prompts: readonly Prompt[], label: PromptLabel): Prompt[] {
  return prompts.map((prompt) => ({ ...prompt, label: prompt.label ?? label }));
}
