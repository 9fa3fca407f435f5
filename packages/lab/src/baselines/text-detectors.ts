import type { Detector, DetectorRun, PromptReadings, TermValue, TokenFacts } from "@modx/monitor";
import { holdsRefusalPhrase } from "./refusal-phrases.ts";
import type { TextScore } from "./tf-idf.ts";

/** What someone who sees the conversation and not the model knows of it so far. */
export interface Heard {
  prompt: string;
  response: string;
  /** Response tokens. */
  tokens: number;
}

/** Response tokens before which a score on its text says nothing; as many as the built-in pack's windows need. */
const FEWEST_TOKENS = 8;
/** Score of a response that refuses: below what any text scores. */
const REFUSED = -1000;

/** Running score of a text classifier over the response so far. */
export function responseText(score: TextScore): Detector {
  return textDetector("tf-idf", "what the answer says, by its words", ({ response, tokens }) =>
    tokens < FEWEST_TOKENS ? null : score(response),
  );
}

/** A text classifier over the request, known before the first token and never changing. */
export function promptText(score: TextScore): Detector {
  return textDetector("prompt-tf-idf", "what the request says, by its words", ({ prompt }) => score(prompt));
}

/** A harmful request that is not refused: a text classifier over the request, and a list of refusal words. */
export function promptAndNoRefusal(score: TextScore): Detector {
  return textDetector("refusal-words-and-prompt", "a harmful request, and no words of refusal", (heard) => {
    if (heard.tokens < FEWEST_TOKENS) return null;
    return holdsRefusalPhrase(heard.response) ? REFUSED : score(heard.prompt);
  });
}

/** Both text classifiers in one score, in which the answer counts `factor` times. */
export function promptAndResponseText(ofPrompt: TextScore, ofResponse: TextScore, factor: number): Detector {
  return textDetector(
    "tf-idf-of-both",
    "what request and answer say, by their words",
    ({ prompt, response, tokens }) =>
      tokens < FEWEST_TOKENS ? null : ofPrompt(prompt) + factor * ofResponse(response),
  );
}

/** Tokens so far: what any score could know that only counts. */
export function responseLength(): Detector {
  return textDetector("length", "how long the answer is", ({ tokens }) => tokens);
}

function textDetector(name: string, description: string, score: (heard: Heard) => number | null): Detector {
  return {
    name,
    algorithm: name,
    version: 1,
    reads: "text",
    description,
    level: "alarm",
    // a baseline is compared at the detector's own false alarms, so it has none of its own
    threshold: Number.MAX_VALUE,
    calibratedLength: Number.POSITIVE_INFINITY,
    start: () => new TextRun(name, score),
  };
}

class TextRun implements DetectorRun {
  private readonly heard: Heard = { prompt: "", response: "", tokens: 0 };
  private readonly name: string;
  private readonly score: (heard: Heard) => number | null;
  private last: number | null = null;

  constructor(name: string, score: (heard: Heard) => number | null) {
    this.name = name;
    this.score = score;
  }

  prompt({ text = "" }: PromptReadings): number | null {
    this.heard.prompt = text;
    return this.update();
  }

  token(_readings: Float32Array, facts?: TokenFacts): number | null {
    this.heard.response += facts?.text ?? "";
    this.heard.tokens += 1;
    return this.update();
  }

  explain(): TermValue[] {
    return [{ name: this.name, value: this.last, contribution: this.last }];
  }

  private update(): number | null {
    this.last = this.score(this.heard);
    return this.last;
  }
}
