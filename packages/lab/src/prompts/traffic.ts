import { createHash } from "node:crypto";
import { ModxError } from "@modx/errors";
import { normalised, type Prompt, type PromptLabel, withoutRepeats, withUniqueIds } from "./prompt-file.ts";

/** Prompts by what they are. */
export type Traffic = Record<PromptLabel, Prompt[]>;

/** Sorts prompts by their labels, each text once; throws MODX_USAGE_PROMPTS for one that has none. */
export function sortTraffic(prompts: readonly Prompt[], seen: Set<string> = new Set()): Traffic {
  const traffic: Traffic = { harmful: [], benign: [], sensitive: [] };
  for (const prompt of withUniqueIds(withoutRepeats(prompts, seen))) {
    if (prompt.label === null) {
      throw new ModxError("MODX_USAGE_PROMPTS", {
        what: `The prompt ${prompt.id} (${prompt.source}) has no label.`,
        remedy: 'Give each line a "label": harmful, benign or sensitive.',
      });
    }
    traffic[prompt.label].push(prompt);
  }
  return traffic;
}

/** The same done to the prompts of each kind. */
export function ofEach(traffic: Traffic, change: (list: Prompt[]) => Prompt[]): Traffic {
  return {
    harmful: change(traffic.harmful),
    benign: change(traffic.benign),
    sensitive: change(traffic.sensitive),
  };
}

/** How many prompts there are of all kinds together. */
export function countOf({ harmful, benign, sensitive }: Traffic): number {
  return harmful.length + benign.length + sensitive.length;
}

/** The same share of the prompts at every call, by their texts. */
export function splitByText(prompts: readonly Prompt[], share: number): { inside: Prompt[]; outside: Prompt[] } {
  const inside = (prompt: Prompt): boolean =>
    createHash("sha256").update(normalised(prompt.text)).digest().readUInt32LE(0) < share * 2 ** 32;
  return { inside: prompts.filter(inside), outside: prompts.filter((prompt) => !inside(prompt)) };
}
