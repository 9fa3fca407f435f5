import { balanced } from "../prompts/balanced.ts";
import { evenly } from "../prompts/evenly.ts";
import { nearRepeats } from "../prompts/near-repeats.ts";
import { LABELS, type Prompt, type PromptLabel, withUniqueIds } from "../prompts/prompt-file.ts";
import type { Splits } from "../prompts/splits.ts";
import { ofEach, sortTraffic, splitByText, type Traffic } from "../prompts/traffic.ts";

/** Share of the given prompts that trains; the rest calibrates. More of them train where enough are left to calibrate on. */
const TRAIN_SHARE = { least: 0.25, most: 0.6 };
/** Prompts beyond which calibration gains little: as many as its promises ask for, and some that the model answers otherwise. */
const ENOUGH_TO_CALIBRATE = { harmful: 450, benign: 1000, sensitive: 300 };
/** Prompts of each kind that are recorded at most; more takes longer than it gains. */
const MOST_TRAINING = { harmful: 1500, benign: 1600, sensitive: 1200 };
/** Share of those places that what comes first has where both could fill them: of harmful requests the built-in ones, of others what is given. */
const FIRST_SHARE = { harmful: 2 / 3, benign: 1 / 2, sensitive: 1 / 2 };
/** Prompts of each kind that are answered at most for calibration, where whole sources are given for it. */
const MOST_CALIBRATING = { harmful: 600, benign: 1200, sensitive: 450 };

/** What a pack is trained and calibrated on. No text is in both, nor one that nearly repeats one of the other. */
export interface ChosenPrompts {
  training: Traffic;
  calibrating: Traffic;
  /** How many prompts are in neither for that. */
  near: number;
}

/**
 * From prompts without roles. Those of `extra` and the built-in ones train, with a share of the given ones where there are no
 * extra ones; what is given and does not train calibrates, unless it is nearly the same as a prompt that trains.
 */
export function choosePrompts(
  builtIn: readonly Prompt[],
  given: readonly Prompt[],
  extra: readonly Prompt[] = [],
): ChosenPrompts {
  const seen = new Set<string>();
  const own = sortTraffic([...extra, ...builtIn], seen);
  const mine = sortTraffic(given, seen);
  const chosen: Prompt[] = [];
  const calibrating: Traffic = { harmful: [], benign: [], sensitive: [] };
  for (const label of LABELS) {
    const share = extra.length > 0 ? 0 : trainShare(mine[label].length, ENOUGH_TO_CALIBRATE[label]);
    const { inside, outside } = splitByText(mine[label], share);
    // the files go by category, so that a beginning would be a part of them only; of harmful requests the built-in ones come first,
    // whose labels are certain, of harmless ones those that are like the traffic to come
    const [first, second] = label === "harmful" ? [own[label], inside] : [inside, own[label]];
    const places = evenly(first, placesOfFirst(label, second.length));
    chosen.push(...places, ...evenly(second, MOST_TRAINING[label] - places.length));
    calibrating[label] = outside;
  }
  const near = new Set(nearRepeats(chosen, Object.values(calibrating).flat()).map(({ repeat }) => repeat));
  return {
    // the same id may stand in a given file and in a built-in one
    training: sortTraffic(chosen),
    calibrating: ofEach(calibrating, (list) => list.filter((prompt) => !near.has(prompt))),
    near: near.size,
  };
}

/**
 * From whole sources with roles: what probes are trained on and the built-in prompts train, what is for calibration calibrates, and
 * nothing that is nearly the same as a prompt for calibration or test trains. All sources of a kind count alike.
 */
export function chooseFromSplits(builtIn: readonly Prompt[], { roles }: Splits): ChosenPrompts {
  const kept = LABELS.flatMap((label) => [...roles.calibration[label], ...roles.test[label]]);
  const near = new Set(nearRepeats(kept, builtIn).map(({ repeat }) => repeat));
  const own = sortTraffic(builtIn.filter((prompt) => !near.has(prompt)));
  const chosen: Prompt[] = [];
  for (const label of LABELS) {
    const others = roles.probe[label].filter(({ source }) => !own[label].some((prompt) => prompt.source === source));
    // built-in requests are certain to be harmful; of harmless ones others have half of the places, if they fill them
    const first = evenly(own[label], placesOfFirst(label, others.length));
    chosen.push(...first, ...balanced(others, MOST_TRAINING[label] - first.length));
  }
  return {
    training: sortTraffic(withUniqueIds(chosen)),
    calibrating: enoughToCalibrate(roles.calibration),
    near: near.size,
  };
}

/** As many prompts of each kind as calibration gains from, all sources alike. */
export function enoughToCalibrate(traffic: Traffic): Traffic {
  return {
    harmful: balanced(traffic.harmful, MOST_CALIBRATING.harmful),
    benign: balanced(traffic.benign, MOST_CALIBRATING.benign),
    sensitive: balanced(traffic.sensitive, MOST_CALIBRATING.sensitive),
  };
}

/** Places for the first of two lists, the second of which has so many. */
function placesOfFirst(label: PromptLabel, second: number): number {
  const most = MOST_TRAINING[label];
  return Math.round(Math.max(FIRST_SHARE[label] * most, most - second));
}

function trainShare(prompts: number, enough: number): number {
  return Math.min(TRAIN_SHARE.most, Math.max(TRAIN_SHARE.least, 1 - enough / prompts));
}
