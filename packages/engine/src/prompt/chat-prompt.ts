/** Who wrote a stretch of tokens: the chat template, or the author of a message. */
export interface PromptSegment {
  role: string;
  /** Index of the message; -1 for the template's own text. */
  message: number;
  /** Tokens from `start`, before `end`. */
  start: number;
  end: number;
}

/** A conversation as tokens, with the positions that detectors read. */
export interface ChatPrompt {
  tokens: Int32Array;
  segments: readonly PromptSegment[];
  /** Tokens of the last user message; empty (start = end) where there is none. */
  user: { start: number; end: number };
  /** Position of the last token of the last user message; -1 where there is none. */
  lastUser: number;
  /** Position of the last token before the response. */
  lastPrompt: number;
}

/** Role of the chat template's own text in `PromptSegment`. */
export const TEMPLATE_ROLE = "template";

export interface PromptPart {
  text: string;
  role: string;
  message: number;
}

/**
 * Tokenizes each part by itself: the template's text with control tokens, message content as plain text, so that a
 * message that spells a control token does not become one.
 */
export function assemblePrompt(
  parts: readonly PromptPart[],
  tokenize: (text: string, special: boolean) => Int32Array,
  begin: number | null,
): ChatPrompt {
  const tokens: number[] = [];
  const segments: PromptSegment[] = [];
  for (const part of parts) {
    const start = tokens.length;
    for (const token of tokenize(part.text, part.role === TEMPLATE_ROLE)) tokens.push(token);
    segments.push({ role: part.role, message: part.message, start, end: tokens.length });
  }
  if (begin !== null && tokens[0] !== begin) {
    tokens.unshift(begin);
    for (const segment of segments) {
      segment.start += 1;
      segment.end += 1;
    }
    segments.unshift({ role: TEMPLATE_ROLE, message: -1, start: 0, end: 1 });
  }
  const user = segments.findLast((segment) => segment.role === "user");
  const range = user === undefined ? { start: 0, end: 0 } : { start: user.start, end: user.end };
  return {
    tokens: Int32Array.from(tokens),
    segments,
    user: range,
    lastUser: range.end > range.start ? range.end - 1 : -1,
    lastPrompt: tokens.length - 1,
  };
}
