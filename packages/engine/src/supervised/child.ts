// The process in which a supervised engine runs: answers its parent's questions, and ends with it.
import { ModxError } from "@modx/errors";
import type { Engine, Sequence } from "../engine.ts";
import { InProcessEngine } from "../in-process-engine.ts";
import { loadAddon } from "../native/load-addon.ts";
import { fromNative } from "../native/native-error.ts";
import type { Answer, CallName, Calls, Question } from "./messages.ts";

/** A sequence from the moment that it was asked for. */
interface Held {
  leave: AbortController;
  sequence?: Sequence;
}

type Handlers = { [N in CallName]: (ask: Calls[N]["ask"], lane: string | null) => Promise<Calls[N]["answer"]> };

let engine: InProcessEngine | undefined;
const held = new Map<number, Held>();

const handlers: Handlers = {
  async open(options) {
    const opened = await InProcessEngine.open(loadAddon(options.accelerator), options);
    engine = opened;
    const { model, properties, taps } = opened;
    const lanes = Object.fromEntries(
      opened.lanes.map((name) => {
        const lane = opened.lane(name);
        return [name, { properties: lane.properties, taps: lane.taps }];
      }),
    );
    return { model, properties, taps, vocabulary: opened.pieceTable(), lanes };
  },
  tokenize: (text, lane) => running(lane).tokenize(text),
  prompt: (messages, lane) => running(lane).prompt(messages),
  async bind({ readouts, dictionaries }, lane) {
    await running(lane).bind(readouts, dictionaries);
    return running(lane).rowNames;
  },
  async start({ sequence, maxTokens, prefix, sampling, edits }, lane) {
    const one: Held = { leave: new AbortController() };
    held.set(sequence, one);
    let started: Sequence;
    try {
      started = await running(lane).start({
        maxTokens,
        ...(prefix !== undefined && { prefix }),
        ...(sampling !== undefined && { sampling }),
        ...(edits !== undefined && { edits }),
        signal: one.leave.signal,
      });
    } catch (error) {
      held.delete(sequence);
      throw error;
    }
    // it was ended while it began, which nobody would do again
    if (held.get(sequence) !== one) {
      started.close();
      throw closedError();
    }
    one.sequence = started;
    return null;
  },
  async end(sequence) {
    const one = held.get(sequence);
    held.delete(sequence);
    one?.leave.abort(closedError());
    one?.sequence?.close();
    return null;
  },
  decode: ({ sequence, tokens, options }) => sequenceOf(sequence).decode(tokens, options),
  mark: (sequence) => sequenceOf(sequence).mark(),
  rewind: ({ sequence, to }) => sequenceOf(sequence).rewind(to),
  async edit({ sequence, edits }) {
    await sequenceOf(sequence).edit(edits);
    return null;
  },
  async close() {
    await engine?.close();
    return null;
  },
  async ping() {
    return { passMs: engine?.passMs() ?? 0 };
  },
};

function running(lane: string | null): Engine {
  if (engine === undefined)
    throw new ModxError("MODX_ENGINE_DISPOSED", { what: "The engine is not open.", remedy: "Open it first." });
  return lane === null ? engine : engine.lane(lane);
}

function sequenceOf(number: number): Sequence {
  const sequence = held.get(number)?.sequence;
  if (sequence === undefined) throw closedError();
  return sequence;
}

function closedError(): ModxError {
  return new ModxError("MODX_ENGINE_DISPOSED", { what: "The sequence was closed.", remedy: "Start a new one." });
}

async function answer<N extends CallName>({ id, lane, call, ask }: Question<N>): Promise<Answer> {
  try {
    return { id, value: await handlers[call](ask, lane) };
  } catch (error) {
    const { code, what, remedy } = fromNative(error);
    return { id, error: { code, what, remedy } };
  }
}

process.on("message", (question: Question) => {
  void answer(question).then((said) => {
    // a parent that is gone wants no answer
    if (process.connected) process.send?.(said);
  });
});
// a terminal's interrupt goes to the whole group: the parent decides when this ends
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit(0));
