import type { Engine } from "@modx/engine";

/** Response tokens by whose likelihood an answer is judged: what comes later is likely after what stands before it, in any answer. */
export const JUDGED_TOKENS = 32;

/** How likely an answer is for the base, beside what the base would have said. */
export interface BaseLikelihood {
  /** Mean natural log probability of the answer's first tokens, under the base. */
  answer: number;
  /** The same of the base's own greedy answer to the prompt. */
  own: number;
}

/** Asks the base model, the suspect without its adapters, what it thinks of answers. Its own answers are kept for later asking. */
export class BaseReader {
  private readonly engine: Engine;
  private readonly own = new Map<string, Promise<number>>();

  /** `engine` runs the base; several questions may be asked at a time. */
  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** `tokens` is the response, without the token that ends it. Null where it has none. */
  async likelihood(prompt: string, tokens: Int32Array): Promise<BaseLikelihood | null> {
    if (tokens.length === 0) return null;
    let own = this.own.get(prompt);
    if (own === undefined) {
      own = this.ownLikelihood(prompt);
      this.own.set(prompt, own);
    }
    return { answer: await meanLogProbability(this.engine, prompt, tokens), own: await own };
  }

  private async ownLikelihood(prompt: string): Promise<number> {
    const { tokens } = await this.engine.prompt([{ role: "user", content: prompt }]);
    const sequence = await this.engine.start({ maxTokens: tokens.length + JUDGED_TOKENS });
    const answer: number[] = [];
    try {
      let { next } = await sequence.decode(tokens, { sample: true, ahead: true });
      while (next !== null && !this.engine.isEnd(next) && answer.length < JUDGED_TOKENS) {
        answer.push(next);
        const goesOn = answer.length < JUDGED_TOKENS;
        ({ next } = await sequence.decode(Int32Array.of(next), { sample: goesOn, ahead: goesOn }));
      }
    } finally {
      sequence.close();
    }
    return answer.length === 0 ? 0 : meanLogProbability(this.engine, prompt, Int32Array.from(answer));
  }
}

/** Mean natural log probability that a model gives the first `JUDGED_TOKENS` tokens of an answer, of which there is one at least. */
export async function meanLogProbability(engine: Engine, prompt: string, tokens: Int32Array): Promise<number> {
  const each = await logProbabilities(engine, prompt, tokens.subarray(0, JUDGED_TOKENS));
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

/** [tokens] f32: natural log probability that a model gives each token of an answer, of which there is one at least. */
export async function logProbabilities(engine: Engine, prompt: string, tokens: Int32Array): Promise<Float32Array> {
  const { tokens: before } = await engine.prompt([{ role: "user", content: prompt }]);
  const sequence = await engine.start({ maxTokens: before.length + tokens.length });
  try {
    const { logProbabilities: each = new Float32Array() } = await sequence.decode(
      Int32Array.from([...before, ...tokens]),
      { likelihoodFrom: before.length },
    );
    return each;
  } finally {
    sequence.close();
  }
}
