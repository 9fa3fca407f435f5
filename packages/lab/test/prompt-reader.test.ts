import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "@modx/engine";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PromptReader, type ReadPrompt } from "../src/record/prompt-reader.ts";

const ADAPTER = fileURLToPath(new URL("../../../organisms/word/adapter.gguf", import.meta.url));
const TEXTS = [
  "How do bees make honey?",
  "How do bees find the way home?",
  "Write a limerick about a postman who is afraid of geese.",
];

describe.skipIf(!existsSync(ADAPTER))("reading prompts one after another", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({
      model: inject("modelFile"),
      adapters: [{ path: ADAPTER }],
      taps: ["blocks.18.hook_resid_post"],
      sequences: 2,
      contextTokens: 256,
    });
  });
  afterAll(() => engine?.close());

  const alone = async (text: string): Promise<ReadPrompt> => {
    const reader = new PromptReader(engine);
    const read = await reader.read(text);
    reader.close();
    return read;
  };

  it("gives, to the bit, the residuals and the next token of a prompt that is read alone, and decodes less", async () => {
    const reader = new PromptReader(engine);
    for (const [index, text] of TEXTS.entries()) {
      const [here, there] = [await reader.read(text), await alone(text)];
      expect(here.from > 0).toBe(index > 0);
      expect(here.from).toBeLessThanOrEqual(here.prompt.user.start);
      expect(here.decoded.next).toBe(there.decoded.next);
      expect(here.decoded.residuals?.[0]).toEqual(
        there.decoded.residuals?.[0]?.subarray(here.from * engine.model.width),
      );
    }
    reader.close();
  });

  it("takes back what followed a prompt", async () => {
    const reader = new PromptReader(engine);
    const [text = ""] = TEXTS;
    const read = await reader.read(text);
    await read.sequence.decode(await engine.tokenize("Bees collect nectar."));
    const again = await reader.again(read, text);
    expect(again.sequence.length).toBe(again.prompt.tokens.length);
    expect((await reader.read(text)).decoded.next).toBe(read.decoded.next);
    reader.close();
  });

  it("goes on with a new sequence after a prompt that was too long", async () => {
    const reader = new PromptReader(engine);
    const [text = ""] = TEXTS;
    const first = await reader.read(text);
    await expect(reader.read("bee ".repeat(400))).rejects.toMatchObject({ code: "MODX_ENGINE_TOO_LONG" });
    expect((await reader.read(text)).decoded.next).toBe(first.decoded.next);
    reader.close();
  });
});
