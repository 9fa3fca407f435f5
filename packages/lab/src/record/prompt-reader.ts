import type { ChatPrompt, Decoded, Engine, Sequence } from "@modx/engine";

/** A sequence in the engine's memory that holds one prompt, with what its pass read from position `from` on. */
export interface ReadPrompt {
  prompt: ChatPrompt;
  sequence: Sequence;
  decoded: Decoded;
  /** First position that was decoded; at most where the user's tokens begin. */
  from: number;
}

/**
 * Reads one prompt after another into the same sequence. What a prompt has in common with the one before, the template's
 * beginning as a rule, stays in memory and is not decoded again; what is read behind it is the same to the last bit.
 */
export class PromptReader {
  private sequence: Sequence | undefined;
  private held: Int32Array = new Int32Array();
  private readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  async read(text: string): Promise<ReadPrompt> {
    const prompt = await this.engine.prompt([{ role: "user", content: text }]);
    const from = await this.keep(Math.min(prompt.user.start, commonLength(this.held, prompt.tokens)));
    this.sequence ??= await this.engine.start({ maxTokens: this.engine.properties.contextTokens });
    this.held = new Int32Array();
    const decoded = await this.sequence.decode(prompt.tokens.subarray(from), { sample: true, capture: true });
    this.held = prompt.tokens;
    return { prompt, sequence: this.sequence, decoded, from };
  }

  /** Takes back what followed the prompt that was read last; reads it anew where the model's memory cannot do that. */
  async again(read: ReadPrompt, text: string): Promise<ReadPrompt> {
    return (await read.sequence.rewind(read.prompt.tokens.length)) ? read : this.read(text);
  }

  close(): void {
    this.sequence?.close();
    this.sequence = undefined;
    this.held = new Int32Array();
  }

  /** Forgets all but the first `length` tokens, or all of them; returns how many are left. */
  private async keep(length: number): Promise<number> {
    if (this.sequence === undefined) return 0;
    if (length > 0 && (await this.sequence.rewind(length))) return length;
    this.close();
    return 0;
  }
}

/** Handles items one after another in each of the engine's sequences, with a reader for each. Ends with the first error. */
export async function readEach<T>(
  engine: Engine,
  items: readonly T[],
  handle: (item: T, reader: PromptReader) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const work = async (): Promise<void> => {
    const reader = new PromptReader(engine);
    try {
      for (const item of waiting) await handle(item, reader);
    } finally {
      reader.close();
    }
  };
  await Promise.all(Array.from({ length: engine.properties.sequences }, work));
}

function commonLength(a: Int32Array, b: Int32Array): number {
  const shorter = Math.min(a.length, b.length);
  let length = 0;
  while (length < shorter && a[length] === b[length]) length += 1;
  return length;
}
