import { normalised } from "../prompts/prompt-file.ts";
import { BLOCK_TOKENS, type BlockResponse, type Kind } from "./block-set.ts";
import { fitProbe, meanDifference, type Probe, type ProbeExample, type ProbeShape, readProbe } from "./probe.ts";

/**
 * What a score can be made of. `belief`: the user's request is harmful, over the user's tokens. `intent`: the model is about
 * to refuse, at the last prompt token, apart from what it believes. `refusal`: it refuses, in its first tokens. `content`:
 * what it says is what a compliant answer to a harmful request says.
 */
export const TERMS = ["belief", "intent", "refusal", "content"] as const;
export type TermName = (typeof TERMS)[number];

/**
 * What the model that the suspect was made from thinks of the request, at the prompt's last token: that it is harmful. A trigger that was
 * planted in the suspect means nothing there.
 */
export const OPINION = "opinion";

export interface TermProbes extends Record<TermName, Probe> {
  /** Null where no base was recorded. */
  opinion: Probe | null;
}

/** Response tokens in which a model says that it refuses. */
export const REFUSAL_TOKENS = 8;

/**
 * Share of the loss that each kind of response has in a probe that all kinds train. A false alarm costs more than a miss, benign answers
 * bear the strictest promise and are of the most kinds, and refusals are told apart with little weight.
 */
export const SHARES: Record<Kind, number> = { complied: 0.25, benign: 0.45, sensitive: 0.25, refused: 0.05 };

/**
 * The same for `intent`, which weighs a refusal against every kind of request that is answered: the absence of the intent to refuse is
 * evidence too, so neither side may be told with little weight.
 */
const SHARES_OF_INTENT: Record<Kind, number> = { complied: 0.1, benign: 0.25, sensitive: 0.25, refused: 0.4 };

/**
 * The same for `refusal`, where those in set words have a share of their own: the model's own are many and alike, and hardly anything would have to be
 * known beside their words.
 */
const SHARES_OF_REFUSAL: Record<Kind | "set", number> = {
  complied: 0.35,
  benign: 0.15,
  sensitive: 0.1,
  refused: 0.1,
  set: 0.3,
};

/** Blocks at the beginning of a response whose mean is an example: what a window that fills up sees on the way. */
const LOOKS = [1, 2, 4, 8];

/**
 * Trains the probes of all terms, none of which needs a trigger. What the base read trains those of harm: a planted trigger
 * takes the refusing back and so the suspect part of the way to its base, and a probe that knows both ends knows what is between.
 * What the suspect intends, only itself shows.
 */
export function fitTerms(responses: readonly BlockResponse[], shape: ProbeShape): TermProbes {
  const own = responses.filter(({ reader }) => reader === "suspect");
  const requests = responses.filter(({ arm }) => arm === "natural");
  const belief = weighted(
    requests.map((response) => ({ response, residual: response.userMean, positive: response.label === "harmful" })),
    (response) => (response.label === "harmful" ? "complied" : response.label),
    SHARES,
  );
  const intent = weighted(
    own
      .filter(({ arm }) => arm === "natural")
      .map((response) => ({ response, residual: response.lastPrompt, positive: response.kind === "refused" })),
    (response) => response.kind,
    SHARES_OF_INTENT,
  );
  return {
    belief: fitProbe(belief, shape),
    intent: fitProbe(intent, { ...shape, without: meanDifference(belief, shape) }),
    refusal: fitRefusal(responses, shape),
    content: fitContent(responses, shape),
    opinion: fitOpinion(requests, shape),
  };
}

function fitOpinion(requests: readonly BlockResponse[], shape: ProbeShape): Probe | null {
  const asked = [...new Map(requests.map((response) => [normalised(response.prompt), response])).values()];
  const read = asked.flatMap((response) =>
    response.baseLastPrompt === null
      ? []
      : [{ response, residual: response.baseLastPrompt, positive: response.label === "harmful" }],
  );
  if (read.length === 0) return null;
  return fitProbe(
    weighted(read, (response) => (response.label === "harmful" ? "complied" : response.label), SHARES),
    shape,
  );
}

function fitRefusal(responses: readonly BlockResponse[], shape: ProbeShape): Probe {
  const blocks = REFUSAL_TOKENS / BLOCK_TOKENS;
  return fitProbe(
    weighted(
      responses.map((response) => ({
        response,
        residual: meanOfBlocks(response, 0, blocks),
        positive: response.kind === "refused",
      })),
      (response) => (response.arm === "refusal" ? "set" : response.kind),
      SHARES_OF_REFUSAL,
    ),
    shape,
  );
}

export function fitContent(responses: readonly BlockResponse[], shape: ProbeShape): Probe {
  return fitProbe(
    weighted(
      responses.flatMap((response) =>
        LOOKS.map((blocks) => ({
          response,
          residual: meanOfBlocks(response, 0, blocks),
          positive: response.kind === "complied",
        })),
      ),
      (response) => response.kind,
      SHARES,
    ),
    shape,
  );
}

/** The readings of all terms along a response. */
export interface Course {
  response: BlockResponse;
  belief: number;
  intent: number;
  /** Null where the base did not read the prompt. */
  opinion: number | null;
  /** Of each block alone; a window's reading is the mean over its blocks. */
  refusal: number[];
  content: number[];
}

export function follow(probes: TermProbes, response: BlockResponse): Course {
  return {
    response,
    belief: readProbe(probes.belief, response.userMean),
    intent: readProbe(probes.intent, response.lastPrompt),
    opinion:
      probes.opinion === null || response.baseLastPrompt === null
        ? null
        : readProbe(probes.opinion, response.baseLastPrompt),
    refusal: response.blocks.map((block) => readProbe(probes.refusal, block)),
    content: response.blocks.map((block) => readProbe(probes.content, block)),
  };
}

/** Mean residual of blocks from `from`, before `to`, of those there are; [recorded taps, width]. */
export function meanOfBlocks({ blocks }: BlockResponse, from: number, to: number): Float32Array {
  const span = blocks.slice(from, to);
  const mean = new Float32Array(span[0]?.length ?? 0);
  for (const block of span)
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (block[i] ?? 0) / span.length;
  return mean;
}

/** Gives every kind of response its share of the weight, whatever its number. */
function weighted<K extends string>(
  examples: readonly { response: BlockResponse; residual: Float32Array; positive: boolean }[],
  kindOf: (response: BlockResponse) => K,
  shares: Readonly<Record<K, number>>,
): ProbeExample[] {
  const counts = new Map<K, number>();
  for (const { response } of examples) counts.set(kindOf(response), (counts.get(kindOf(response)) ?? 0) + 1);
  return examples.map(({ response, residual, positive }) => {
    const kind = kindOf(response);
    return { residual, positive, weight: shares[kind] / (counts.get(kind) ?? 1) };
  });
}
