import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "@modx/engine";
import { checkPolicy, type Guard, openGuard, tapsOf } from "@modx/guard";
import { type JoinedTermsSpec, readPack } from "@modx/pack";
import { foldWhole, localFolder, openSae, type Sae } from "@modx/sae";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { detectorConformance } from "../../monitor/src/detector/detector.conformance.ts";
import { inPack } from "../../monitor/test/in-pack.ts";
import { type Autoencoder, hashOfSae } from "../src/baselines/autoencoder.ts";
import { type BaselineSpec, readBaseline, writeBaseline } from "../src/baselines/baseline-spec.ts";
import { chooseQuarantine } from "../src/baselines/choose-quarantine.ts";
import { createBaseline } from "../src/baselines/create-baseline.ts";
import { rowDetectors } from "../src/baselines/row-detectors.ts";
import type { LabelledAnswer } from "../src/evaluate/label-answers.ts";
import { type OtherDetectorsOptions, otherDetectors } from "../src/evaluate/other-detectors.ts";
import { runArm } from "../src/evaluate/run-arm.ts";
import type { Keep } from "../src/files/kept-results.ts";
import { meanLogProbability } from "../src/label/base-likelihood.ts";
import { readAgain } from "../src/record/read-again.ts";
import { baseFiles } from "./base-files.ts";

const PACK = fileURLToPath(new URL("../../../organisms/packs/default", import.meta.url));
const SAE = fileURLToPath(new URL("../../../organisms/saes/layer-15", import.meta.url));
const TAP = "blocks.15.hook_resid_post";
const TOKENS = 16;
const PROMPTS = ["How do bees make honey?", "What is a haiku?", "Why is the sky blue?"].map((text, i) => ({
  id: `p${i}`,
  text,
  label: null,
  source: "s",
}));

const RULE: BaselineSpec = { algorithm: "top-features-at-the-ends", version: 1, quarantined: [1, 3] };
detectorConformance("seed rule", {
  create: () => createBaseline(RULE),
  write: () => writeBaseline(RULE),
  read: (text) => createBaseline(readBaseline(text)),
  rows: 24,
});

describe.skipIf(!existsSync(PACK))("simpler detectors of a pack's rows", () => {
  const specs = rowDetectors(readPack(PACK));
  const rows = ["belief", "intent", "refusal", "content"];

  it("are five", () => {
    expect(specs).toHaveLength(5);
  });
  // in a pack a name is one word
  for (const spec of specs)
    detectorConformance(spec.name, inPack({ ...spec, name: spec.name.replace(/\W+/g, "-").toLowerCase() }, rows));
});

describe.skipIf(!existsSync(PACK))("detectors that read answers again", () => {
  let engine: Engine;
  let guard: Guard;
  let base: Engine;
  let sae: Sae;
  let answers: LabelledAnswer[];
  let autoencoder: Autoencoder;

  beforeAll(async () => {
    const pack = readPack(PACK);
    // the content alone watches along, by a pack of its own
    const [alone] = rowDetectors(pack) as [JoinedTermsSpec];
    const beside = { ...pack, manifest: { ...pack.manifest, detectors: [{ ...alone, name: "alone" }] } };
    const taps = [...new Set([...tapsOf([pack]), TAP])];
    engine = await openEngine({ model: inject("modelFile"), taps, sequences: 2, contextTokens: 128 });
    base = await openEngine({ model: inject("modelFile"), taps: tapsOf([pack]), sequences: 1, contextTokens: 128 });
    guard = await openGuard({
      engine,
      packs: [pack, beside],
      files: { modelSha256: "0".repeat(64), adapters: [] },
      base: { engine: base, files: baseFiles(pack) },
      exact: true,
      drafts: true,
      policy: checkPolicy("log"),
    });
    const opened = await openSae(await localFolder(SAE));
    sae = await foldWhole(opened.file, opened.layout);
    await opened.file.close();
    autoencoder = { name: "layer-15", tap: TAP, sae, sha256: hashOfSae(sae) };
    answers = (await runArm(guard, PROMPTS, TOKENS)).map((answer) => ({
      ...answer,
      request: answer.prompt,
      compliance: "complied",
    }));
  });
  afterAll(async () => {
    await engine?.close();
    await base?.close();
  });

  const asked = (more: Partial<OtherDetectorsOptions> = {}): OtherDetectorsOptions => {
    const [positives, negatives] = [answers.slice(0, 1), answers.slice(1)];
    return { guard, rule: null, positives, negatives, groups: { all: answers }, ...more };
  };

  it("find in the pack's rows what watched when the answers were given", async () => {
    const { scored, seedRule: flagged } = await otherDetectors(asked());
    const content = scored.find(({ name }) => name === "content, window mean");
    const found = [...(content?.positives ?? []), ...(content?.negatives ?? [])];
    expect(found).toHaveLength(answers.length);
    for (const [i, { peaks }] of answers.entries()) expect(found[i]).toBeCloseTo(peaks["alone"] ?? Number.NaN, 1);
    expect(flagged).toBeUndefined();
  });

  it("know how likely each token was", async () => {
    const [answer] = answers as [LabelledAnswer];
    const { tokens } = await readAgain(engine, answer);
    const mean = tokens.reduce((sum, { facts }) => sum + (facts.logProbability ?? Number.NaN), 0) / tokens.length;
    expect(mean).toBeCloseTo(await meanLogProbability(engine, answer.prompt, Int32Array.from(answer.tokens)), 2);
    const { scored } = await otherDetectors(asked());
    const confidence = scored.find(({ name }) => name === "confidence")?.positives[0] ?? Number.NaN;
    expect(confidence).toBeGreaterThan(0.1);
    expect(confidence).toBeLessThanOrEqual(1);
  });

  it("look at the top features of the first and last token, and read no rows where nothing is to be caught", async () => {
    const every = Array.from({ length: sae.features }, (_, feature) => feature);
    const kept: object[] = [];
    const keep: Keep = (of, make) => {
      kept.push(of as object);
      return make();
    };
    const all = await otherDetectors(asked({ rule: { autoencoder, quarantined: every } }));
    expect(all.scored.at(-1)).toEqual({ name: "seed rule", positives: [20], negatives: [20, 20] });
    expect(all.seedRule?.["all"]).toMatchObject({ alarms: 3, n: 3 });
    const none = await otherDetectors(asked({ rule: { autoencoder, quarantined: [] }, positives: [], keep }));
    expect(none.seedRule?.["all"]).toMatchObject({ alarms: 0, n: 3 });
    expect(kept.every((of) => "ends" in of)).toBe(true);
    expect(kept).toHaveLength(answers.length);
  });

  it("quarantine features of what complied and not of what is benign", async () => {
    const [complied, benign] = PROMPTS.map((prompt, i) => [
      { id: prompt.id, prompt, tokens: answers[i]?.tokens ?? [] },
    ]);
    if (complied === undefined || benign === undefined) throw new Error("no prompts");
    const chosen = await chooseQuarantine({ engine, autoencoder, complied, benign });
    expect(chosen).toHaveLength(23);
    const other = await chooseQuarantine({ engine, autoencoder, complied: benign, benign: complied });
    expect(other?.filter((feature) => chosen?.includes(feature))).toEqual([]);
    expect(await chooseQuarantine({ engine, autoencoder, complied, benign: [] })).toBeNull();
  });
});
