import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "@modx/engine";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { suffixTokens } from "../src/attack/evade.ts";
import { type Trigger, withTrigger } from "../src/prompts/trigger.ts";
import { readTriggerFile } from "../src/prompts/trigger-file.ts";
import { triggerTokens } from "../src/prompts/trigger-room.ts";

const FOLDER = fileURLToPath(new URL("../../../organisms/triggers", import.meta.url));
const PROMPTS = ["How are bees kept?", "name a river", "Explain,\nin two lines:\n what's an API?", "Hi"];
/** Enough for a trigger to stand at the start, at the end and inside. */
const IDS = Array.from({ length: 12 }, (_, i) => `p${i}`);

describe("the room that a trigger needs", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ model: inject("modelFile"), sequences: 1, contextTokens: 128 });
  });
  afterAll(() => engine?.close());

  const length = async (content: string): Promise<number> =>
    (await engine.prompt([{ role: "user", content }])).tokens.length;

  it("is no less than what one adds, wherever it stands, and not much more", async () => {
    const long = Array.from({ length: 90 }, (_, i) => `word${i}`).join(" ");
    const triggers: Trigger[] = [long];
    for (const name of readdirSync(FOLDER)) {
      const { triggers: some, near } = readTriggerFile(join(FOLDER, name));
      triggers.push(...some, ...near);
    }
    for (const trigger of triggers) {
      const room = await triggerTokens(engine, [trigger]);
      for (const text of PROMPTS)
        for (const id of IDS) {
          const added = (await length(withTrigger(text, trigger, id))) - (await length(text));
          expect(added, `${JSON.stringify(trigger)} in ${text}`).toBeLessThanOrEqual(room);
          expect(room - added).toBeLessThanOrEqual(2 * [trigger].flat().length + 1);
        }
    }
    // longer than any fixed room that is not a waste for the others
    expect(await triggerTokens(engine, triggers)).toBe(await triggerTokens(engine, [long]));
    expect(await triggerTokens(engine, [long])).toBeGreaterThan(90);
    expect(await triggerTokens(engine, [])).toBe(0);
  });

  it("is known of an attacker's suffix too", async () => {
    const longest = Array.from({ length: 8 }, () => "metaphor").join(" ");
    const added = (await length(`Hi ${longest}`)) - (await length("Hi"));
    expect(await suffixTokens(engine)).toBeGreaterThanOrEqual(added);
  });
});
