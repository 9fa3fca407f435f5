import { closeSync, copyFileSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openBase } from "../src/open/open-base.ts";
import { describeModel } from "../src/open/open-for-recording.ts";
import { openModel } from "../src/open/open-model.ts";

const TAPS = ["blocks.12.hook_resid_post"];
const PLAIN = { lora: ["none"] };

/** A model file with one word of its chat template changed. */
function withOtherTemplate(model: string, path: string): void {
  copyFileSync(model, path);
  const file = openSync(path, "r+");
  const head = Buffer.alloc(8 << 20);
  readSync(file, head, 0, head.length, 0);
  const at = head.indexOf("helpful", head.indexOf("tokenizer.chat_template"));
  if (at < 0) throw new Error("another template");
  writeSync(file, "helping", at);
  closeSync(file);
}

describe("a base that is another file", () => {
  const root = mkdtempSync(join(tmpdir(), "modx-other-base-"));
  const other = join(root, "other.gguf");
  beforeAll(() => withOtherTemplate(inject("modelFile"), other));
  afterAll(() => rmSync(root, { recursive: true }));

  it("is asked in the chat template of the model that was made from it, recorded and in watching", async () => {
    const flags = { ...PLAIN, model: inject("modelFile"), ctxSize: 128 };
    const { templateHash } = await describeModel(flags);
    expect((await describeModel({ ...flags, model: other })).templateHash).not.toBe(templateHash);

    const recorded = await openBase(flags, other, TAPS);
    expect(recorded?.engine.model.templateHash).toBe(templateHash);
    await recorded?.engine.close();

    const watched = await openModel(flags, { taps: TAPS, sequences: 1, base: { taps: TAPS, named: other } });
    expect(watched.base?.engine.model.templateHash).toBe(templateHash);
    await watched.engine.close();
  });
});
