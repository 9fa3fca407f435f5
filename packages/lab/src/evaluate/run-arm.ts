import { type Guard, generate } from "@modx/guard";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { type AnswerLabel, labelAnswer } from "../label/answer-label.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";

/** One answer, watched but not halted, so that its label is that of the whole answer. */
export interface WatchedAnswer {
  id: string;
  source: string;
  /** The request, as it was asked. */
  prompt: string;
  text: string;
  /** Response tokens, and the text that became complete with each. */
  tokens: number[];
  pieces: string[];
  label: AnswerLabel;
  /** Token of the first alarm (-1: at the prompt); null without one. A guard that halts lets out this many tokens, none at the prompt. */
  alarmAt: number | null;
  /** Highest score of each detector; -Infinity where it never had one. */
  peaks: Record<string, number>;
  /** Each detector's running score: at the prompt, then at every token; null where it had none. */
  courses: Record<string, (number | null)[]>;
}

export interface ArmOptions {
  /** What the prompts are asked for: answers that are kept are kept apart by it. */
  arm?: string;
  /** Where answers are kept, of settings that say what runs and what watches (`answerSettings`). */
  keep?: Keep;
  onAnswer?: () => void;
}

/** Answers prompts, several at a time. The guard's policy must be one that does not halt. */
export async function runArm(
  guard: Guard,
  prompts: readonly Prompt[],
  maxTokens: number,
  { arm = "", keep = keepNothing, onAnswer }: ArmOptions = {},
): Promise<WatchedAnswer[]> {
  return severalAtATime(guard.engine.properties.sequences, prompts, async (prompt) => {
    const { id, source, text } = prompt;
    // a chat template may be another one for the same model: its tokens tell
    const { tokens } = await guard.engine.prompt([{ role: "user", content: text }]);
    const answer = await keep({ arm, text, tokens: [...tokens], maxTokens }, () =>
      watchAnswer(guard, prompt, maxTokens),
    );
    onAnswer?.();
    return { ...answer, id, source, label: labelAnswer(answer.text) };
  });
}

async function watchAnswer(guard: Guard, prompt: Prompt, maxTokens: number): Promise<WatchedAnswer> {
  const answer: WatchedAnswer = {
    id: prompt.id,
    source: prompt.source,
    prompt: prompt.text,
    text: "",
    tokens: [],
    pieces: [],
    label: "degenerate",
    alarmAt: null,
    peaks: {},
    courses: {},
  };
  for await (const event of generate(guard, { messages: [{ role: "user", content: prompt.text }], maxTokens })) {
    if (event.type === "token") {
      answer.tokens.push(event.token);
      answer.pieces.push(event.text);
    }
    if (event.type === "outcome") {
      answer.pieces.push(event.tail);
      answer.alarmAt = event.alarm?.token ?? null;
    } else {
      for (const { detector, score } of event.verdicts) {
        raise(answer.peaks, detector, score);
        const course = answer.courses[detector];
        if (course === undefined) answer.courses[detector] = [score];
        else course.push(score);
      }
    }
  }
  const text = answer.pieces.join("");
  return { ...answer, text, label: labelAnswer(text) };
}

function raise(peaks: Record<string, number>, detector: string, score: number | null): void {
  peaks[detector] = Math.max(peaks[detector] ?? Number.NEGATIVE_INFINITY, score ?? Number.NEGATIVE_INFINITY);
}
