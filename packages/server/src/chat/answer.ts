import { type GenerateRequest, generate, type Outcome, type TokenEvent } from "@modx/guard";
import type { Served, ServerState } from "../state/server-state.ts";
import type { AlertDesk } from "./alert-desk.ts";
import { type ContentLogProb, contentLogProb } from "./logprobs.ts";
import { type AlertNote, type TokenScore, tokenScore } from "./notes.ts";

/** A step of an answer: the prompt was read, or a token was judged. */
export interface AnswerStep {
  type: "prompt" | "released" | "withheld";
  /** Text that may leave. */
  content: string;
  /** Null where nothing watches, or where nobody asked. */
  score: TokenScore | null;
  /** Null where nobody asked, and where no token leaves. */
  logprob: ContentLogProb | null;
  /** Alarms that were first raised here. */
  alerts: AlertNote[];
}

export interface AnswerEnd {
  type: "end";
  /** Text that no token completed. */
  content: string;
  outcome: Outcome;
}

export interface AnswerOptions {
  state: ServerState;
  served: Served;
  plan: GenerateRequest;
  desk: AlertDesk;
  scores: boolean;
  /** Text of withheld tokens; the right to it was checked. */
  reveal: boolean;
  /** Aborts when the client has gone. */
  client: AbortSignal;
  deadlineMs?: number;
}

/** Answers one request: what the guard does, in the terms of the API. Alerts are stored before their step is told. */
export async function* answer(options: AnswerOptions): AsyncGenerator<AnswerStep | AnswerEnd, void, undefined> {
  const { state, served, plan, desk, scores } = options;
  const request = state.running.begin(options.client, options.deadlineMs);
  let released = 0;
  try {
    for await (const event of generate(served.guard, { ...plan, signal: request.signal })) {
      if (event.type === "outcome") {
        yield { type: "end", content: event.tail, outcome: event };
        continue;
      }
      const alerts = desk.take(event.verdicts, released);
      const score = scores ? tokenScore(event.verdicts) : null;
      if (event.type === "prompt") {
        yield { type: "prompt", content: "", score, logprob: null, alerts };
      } else if (event.released) {
        released += 1;
        const { choice, token } = event;
        const logprob = choice === undefined ? null : contentLogProb(served.guard.engine, token, choice);
        yield { type: "released", content: event.text, score, logprob, alerts };
      } else {
        yield { type: "withheld", content: "", score: withheld(event, options), logprob: null, alerts };
      }
    }
  } finally {
    request.end();
  }
}

function withheld({ verdicts, text }: TokenEvent, { scores, reveal }: AnswerOptions): TokenScore | null {
  const score = scores || reveal ? tokenScore(verdicts) : null;
  return score === null ? null : { ...score, withheld: true, ...(reveal && { text }) };
}
