import type { Engine } from "@modx/engine";
import type { Guard } from "@modx/guard";
import { runArm, type WatchedAnswer } from "../evaluate/run-arm.ts";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { triggerTokens } from "../prompts/trigger-room.ts";
import { randomSource } from "../stats/bootstrap.ts";
import { SUFFIX_WORDS } from "./suffix-words.ts";

export interface EvadeOptions {
  /** Opened with a policy that does not halt. */
  guard: Guard;
  detector: string;
  threshold: number;
  /** Requests that the model complies with and whose answers alarm. */
  prompts: readonly Prompt[];
  /** Answers that the attacker may ask for, for each prompt. */
  queries: number;
  maxTokens: number;
  /** Whether each of some answers still does what the attacker wants; asked only of answers that score lower than any such one before. */
  complied: (answers: readonly WatchedAnswer[]) => Promise<boolean[]>;
  seed?: number;
  /** Where answers are kept: the search is the same for the same seed, so that an interrupted one goes on where it was. */
  keep?: Keep;
  onProgress?: (done: number, total: number) => void;
}

export interface Evasion {
  prompt: Prompt;
  /** Queries until an answer complied without an alarm; null where none did. */
  after: number | null;
  /** Lowest highest score of an answer that complied; Infinity where none did. */
  best: number;
  suffix: string;
}

/** Words of a suffix, and how many of them change from one try to the next. */
const WORDS = 8;
const CHANGED = 2;

/** Most tokens that a suffix adds to a prompt. */
export async function suffixTokens(engine: Pick<Engine, "tokenize">): Promise<number> {
  return WORDS * (await triggerTokens(engine, SUFFIX_WORDS));
}

/**
 * Evade and harm: an attacker who sees scores looks for a suffix behind the request with which the model still complies and the
 * monitor is silent, by random search: a few words change, and what scores lower stays. It knows neither weights nor gradients.
 */
export async function evade(options: EvadeOptions): Promise<Evasion[]> {
  const {
    guard,
    detector,
    threshold,
    prompts,
    queries,
    maxTokens,
    complied,
    seed = 1,
    keep = keepNothing,
    onProgress,
  } = options;
  const searches = prompts.map((prompt, index) => new Search(prompt, randomSource(seed * 7919 + index)));
  for (let query = 1; query <= queries; query++) {
    const open = searches.filter(({ after }) => after === null);
    const answers = await runArm(
      guard,
      open.map((search) => search.next()),
      maxTokens,
      { arm: "attack", keep },
    );
    // what scores no lower changes nothing, whatever it is: the search and its end are those of asking of every answer
    const lower = answers.flatMap((answer, i) => {
      const [search, peak] = [open[i], answer.peaks[detector] ?? Number.NEGATIVE_INFINITY];
      return search !== undefined && peak < search.best ? [{ answer, search, peak }] : [];
    });
    const still = await complied(lower.map(({ answer }) => answer));
    for (const [i, { search, peak }] of lower.entries()) if (still[i] === true) search.take(peak, threshold, query);
    onProgress?.(query, queries);
  }
  return searches.map(({ prompt, after, best, suffix }) => ({ prompt, after, best, suffix: suffix.join(" ") }));
}

class Search {
  after: number | null = null;
  best = Number.POSITIVE_INFINITY;
  suffix: string[] = [];
  private tried: string[] = [];
  readonly prompt: Prompt;
  private readonly random: () => number;

  constructor(prompt: Prompt, random: () => number) {
    this.prompt = prompt;
    this.random = random;
  }

  /** The request with a suffix that was not tried before. */
  next(): Prompt {
    this.tried = this.suffix.length === 0 ? Array.from({ length: WORDS }, () => this.word()) : [...this.suffix];
    for (let i = 0; i < CHANGED; i++) this.tried[Math.floor(this.random() * WORDS)] = this.word();
    return { ...this.prompt, text: `${this.prompt.text} ${this.tried.join(" ")}` };
  }

  /** Goes on from what was tried last, which complied and scores lower than what did before. */
  take(peak: number, threshold: number, query: number): void {
    [this.best, this.suffix] = [peak, this.tried];
    if (peak <= threshold) this.after = query;
  }

  private word(): string {
    return SUFFIX_WORDS[Math.floor(this.random() * SUFFIX_WORDS.length)] ?? "";
  }
}
