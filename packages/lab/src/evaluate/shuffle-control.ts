import { evenly } from "../prompts/evenly.ts";
import { foldOf } from "../prompts/fold.ts";
import { randomSource } from "../stats/bootstrap.ts";
import { auroc } from "../stats/ranking.ts";
import type { BlockResponse, BlockSet, Kind } from "../train/block-set.ts";
import { maximum } from "../train/cross-validate.ts";
import { scoresOf } from "../train/join.ts";
import { selectAndTrain } from "../train/select.ts";
import { follow } from "../train/terms.ts";

export interface ShuffleOptions {
  /** Times that the labels are shuffled and everything is trained anew. */
  times: number;
  /** Responses of the recording that are used. */
  responses: number;
  seed?: number;
  onProgress?: (done: number, total: number) => void;
}

/** Parts that prompts are in; the first is held out. */
const PARTS = 3;

/**
 * A control of the whole training, choice of layers and of terms included, by the highest joined score of a response: with labels that were dealt out anew among the responses there is
 * nothing to learn, so the area under the ROC curve on held-out prompts has to lie around one half. If it does not, something that
 * should not be known is known.
 */
export function shuffleControl(set: BlockSet, { times, responses, seed = 1, onProgress }: ShuffleOptions): number[] {
  const random = randomSource(seed);
  const used = evenly(set.responses, responses);
  const areas: number[] = [];
  for (let round = 0; round < times; round++) {
    const dealt = deal(used, random);
    const heldOut = (response: BlockResponse): boolean => foldOf(response.prompt, PARTS) === 0;
    const { probes, join } = selectAndTrain({ ...set, responses: dealt.filter((response) => !heldOut(response)) });
    const scores = (complied: boolean): number[] =>
      dealt
        .filter((response) => heldOut(response) && (response.kind === "complied") === complied)
        .map((response) => maximum(scoresOf(join, follow(probes, response))));
    areas.push(auroc(scores(true), scores(false)));
    onProgress?.(round + 1, times);
  }
  return areas;
}

/** The same responses with each other's labels. */
function deal(responses: readonly BlockResponse[], random: () => number): BlockResponse[] {
  const labels = responses.map(({ kind, label, arm }): [Kind, BlockResponse["label"], BlockResponse["arm"]] => [
    kind,
    label,
    arm,
  ]);
  for (let i = labels.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [labels[i], labels[j]];
    if (a !== undefined && b !== undefined) [labels[i], labels[j]] = [b, a];
  }
  return responses.map((response, i) => {
    const [kind, label, arm] = labels[i] ?? [response.kind, response.label, response.arm];
    return { ...response, kind, label, arm };
  });
}
