import { type ChatPrompt, TEMPLATE_ROLE } from "@modx/engine";

/** A stretch of a conversation's tokens, those of prompt and response counted through: from `start`, before `end`. */
export interface Span {
  /**
   * Who wrote it: `template` (the chat template, with a system message that it adds by itself), the author of a message (`system`, `user`),
   * `header` (the template's text behind the last message, which has the model speak), `forced` (an opening that was put into the model's
   * mouth), `given` (a response that was), `response` (what the model said).
   */
  role: string;
  start: number;
  end: number;
}

/** How a response's tokens came about. */
export interface SaidTokens {
  count: number;
  /** Of these so many were put there, from the first. */
  forced: number;
  /** Whether all of them were. */
  given: boolean;
}

/** Who wrote each token of a conversation: every token is in exactly one span, and none is empty. */
export function spansOf(
  { segments, tokens }: Pick<ChatPrompt, "segments" | "tokens">,
  { count, forced, given }: SaidTokens,
): Span[] {
  const from = tokens.length;
  const ofPrompt = segments.map(({ role, start, end }) => ({
    role: role === TEMPLATE_ROLE && end === from ? "header" : role,
    start,
    end,
  }));
  const ofResponse = [
    { role: "forced", start: from, end: from + forced },
    { role: given ? "given" : "response", start: from + forced, end: from + count },
  ];
  return [...ofPrompt, ...ofResponse].filter(({ start, end }) => end > start);
}
