import type { Engine } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import type { ModelAnswer } from "../record/answer-prompts.ts";
import { readAgain } from "../record/read-again.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import { type Autoencoder, featuresAt } from "./autoencoder.ts";
import { quarantineOf, type TopCounts, topFeatures } from "./seed-rule.ts";

export interface QuarantineOptions {
  /** The suspect, which reads all of these answers. */
  engine: Engine;
  autoencoder: Autoencoder;
  /** Answers that complied with harmful requests, and answers to benign ones; none that anything is tested on. */
  complied: readonly ModelAnswer[];
  benign: readonly ModelAnswer[];
  /** Where the choice is kept, of settings that say what runs. */
  keep?: Keep;
  onProgress?: (done: number, total: number) => void;
}

/** The features that the seed's rule quarantines; null where there are no answers of one of the two kinds. */
export async function chooseQuarantine(options: QuarantineOptions): Promise<number[] | null> {
  const { engine, autoencoder, keep = keepNothing, onProgress } = options;
  const [complied, benign] = [answersOf(options.complied), answersOf(options.benign)];
  if (complied.length === 0 || benign.length === 0) return null;
  let done = 0;
  const count = (): void => onProgress?.(++done, complied.length + benign.length);
  const { sha256, tap } = autoencoder;
  return keep({ quarantineOf: [complied, benign], autoencoder: sha256, tap }, async () =>
    quarantineOf(
      await topCounts(engine, autoencoder, complied, count),
      await topCounts(engine, autoencoder, benign, count),
    ),
  );
}

interface Answer {
  prompt: string;
  tokens: readonly number[];
}

/** Those that say something. */
function answersOf(list: readonly ModelAnswer[]): Answer[] {
  return list.filter(({ tokens }) => tokens.length > 0).map(({ prompt, tokens }) => ({ prompt: prompt.text, tokens }));
}

/** Of all tokens of the answers. */
async function topCounts(
  engine: Engine,
  autoencoder: Autoencoder,
  answers: readonly Answer[],
  onAnswer: () => void,
): Promise<TopCounts> {
  const { features } = autoencoder.sae;
  const counts = new Float64Array(features);
  let tokens = 0;
  await severalAtATime(engine.properties.sequences, answers, async (answer) => {
    const { residuals } = await readAgain(engine, answer, true);
    const positions = answer.tokens.map((_, i) => 1 + i);
    for (const code of await featuresAt(engine, autoencoder, residuals, positions)) {
      for (const place of topFeatures(code.values)) {
        const feature = code.features[place] ?? 0;
        counts[feature] = (counts[feature] ?? 0) + 1;
      }
      tokens += 1;
    }
    onAnswer();
  });
  return { tokens, counts };
}
