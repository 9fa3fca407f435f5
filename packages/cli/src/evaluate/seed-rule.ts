import { existsSync } from "node:fs";
import { basename } from "node:path";
import { nativeProjector } from "@modx/engine";
import {
  type Autoencoder,
  type ChosenRule,
  chooseQuarantine,
  compliantAnswers,
  evenly,
  hashOfSae,
  type Keep,
  type Traffic,
} from "@modx/lab";
import { foldWhole, openSae } from "@modx/sae";
import type { OpenedModel } from "../open/open-model.ts";
import { saeFolder } from "../open/sae-folder.ts";
import { tapOf } from "../open/sae-tap.ts";
import { checkWidth } from "../open/sae-width.ts";
import { usage } from "../options/option.ts";
import { progressBar } from "../print/progress-bar.ts";
import { baseAnswers, GIVEN_TOKENS } from "./base-answers.ts";
import type { EvaluateFlags } from "./evaluate-flags.ts";
import { TRAINING } from "./train-baselines.ts";

/** Answers of either kind that features are chosen on, at most. */
const CHOSEN_ON = 300;

export const NO_AUTOENCODER = "no autoencoder was named (--sae)";

/** Throws MODX_USAGE where an autoencoder is named and there are no prompts to choose features on. */
export function checkAutoencoder({ sae, splits }: EvaluateFlags): void {
  if (sae !== undefined && splits === undefined)
    throw usage(
      "--sae is for a rule whose features are chosen on prompts that nothing is tested on, and there are none.",
      "Give a splits file with --splits, or leave --sae out.",
    );
}

/** The autoencoder that the flags name; null where they name none. Throws MODX_USAGE where it is for another model, and what opening throws. */
export async function openAutoencoder(flags: EvaluateFlags, model: { width: number }): Promise<Autoencoder | null> {
  if (flags.sae === undefined) return null;
  const opened = await openSae(await saeFolder(flags.sae, flags));
  try {
    if (opened.about.layer === null && opened.about.hook === null)
      throw usage(`The files of ${flags.sae} do not say where it reads.`, "Name an autoencoder whose files say it.");
    const tap = tapOf(opened);
    checkWidth(opened.layout.width, model);
    const sae = await foldWhole(opened.file, opened.layout);
    const { threads, accelerator } = flags;
    return {
      name: existsSync(flags.sae) ? basename(flags.sae) : flags.sae,
      tap,
      sae,
      sha256: hashOfSae(sae),
      project: nativeProjector({ threads, accelerator }),
    };
  } finally {
    await opened.file.close();
  }
}

/**
 * The seed's rule with features that are chosen on probe prompts: what the base answers to harmful ones, or where none is known the
 * suspect itself, and what the suspect answers to benign ones. In words why there is none, where there are no such answers.
 */
export async function chooseRule(
  autoencoder: Autoencoder,
  { engine }: OpenedModel,
  base: OpenedModel | null,
  probe: Traffic,
  { keep, keepOfBase }: { keep: Keep; keepOfBase: Keep },
): Promise<ChosenRule | string> {
  // of those that baselines learn from, which the base has answered
  const harmful = evenly(evenly(probe.harmful, TRAINING.harmful), CHOSEN_ON);
  const own = { engine, maxTokens: GIVEN_TOKENS, keep };
  const complied =
    base === null
      ? await compliantAnswers({ ...own, prompts: harmful })
      : await baseAnswers(base, harmful, GIVEN_TOKENS, keepOfBase);
  const bar = progressBar("read for the seed's rule", "items");
  try {
    const benign = await compliantAnswers({ ...own, prompts: evenly(probe.benign, CHOSEN_ON) });
    const quarantined = await chooseQuarantine({ engine, autoencoder, complied, benign, keep, onProgress: bar.update });
    return quarantined === null ? "no answers to choose its features on" : { autoencoder, quarantined };
  } finally {
    bar.end();
  }
}

/** What a report says of it. */
export function ruleOf(rule: ChosenRule | string): [string, string][] {
  if (typeof rule === "string") return [];
  const { autoencoder, quarantined } = rule;
  const { name, tap, sae, sha256 } = autoencoder;
  return [
    ["seed's rule", `${quarantined.length} of ${sae.features} features of ${name} at ${tap}; sha256 ${sha256}`],
    ["its features", quarantined.join(" ")],
  ];
}
