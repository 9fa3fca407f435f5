import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPack, writePack } from "@modx/pack";
import { Command } from "commander";
import { afterAll, describe, expect, inject, it, vi } from "vitest";
import { addCalibrate } from "../src/commands/lab/calibrate.ts";
import { DEFAULT_PACK } from "../src/open/built-in.ts";

describe.skipIf(!existsSync(DEFAULT_PACK))("modx lab calibrate", () => {
  const root = mkdtempSync(join(tmpdir(), "modx-lab-calibrate-"));
  afterAll(() => rmSync(root, { recursive: true }));

  it("says how many prompts it leaves out", async () => {
    const pack = join(root, "pack");
    const carried = readPack(DEFAULT_PACK);
    const { files: _, readouts: __, schema: ___, base, ...own } = carried.manifest;
    const manifest = { ...own, ...(base !== undefined && { base }) };
    const mark = createHash("sha256").update("name a fish").digest().readInt32BE(0);
    writePack(pack, { ...carried, manifest, card: "", seen: Int32Array.of(mark) });
    const file = join(root, "benign.jsonl");
    const texts = ["What is tea?", "Name a tree.", "Name a FISH.", "word ".repeat(600)];
    writeFileSync(file, texts.map((text) => JSON.stringify({ text })).join("\n"));
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const lab = new Command();
    addCalibrate(lab);
    const model = ["-m", inject("modelFile"), "--lora", "none", "--base", inject("modelFile"), "-c", "256"];
    try {
      await lab.parseAsync(["calibrate", "--pack", pack, "--benign", file, "-n", "8", ...model], { from: "user" });
      expect(said.mock.calls.join()).toMatch(/1 prompts are too long for a context of 256 tokens and are left out/);
      expect(said.mock.calls.join()).toMatch(/1 prompts are left out: the pack was trained or measured on them/);
    } finally {
      said.mockRestore();
      printed.mockRestore();
    }
    expect(readPack(pack).manifest.detectors[0]?.calibrations.at(-1)?.n).toBe(2);
  });
});
