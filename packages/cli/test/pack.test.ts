import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isResolved, readAnyPack, readPack } from "@modx/pack";
import { type Tensor, writeSafetensors } from "@modx/tensors";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { randomSource } from "../../../testing/random.ts";
import { HubServer } from "../../hub/src/testing/hub-server.ts";
import { createProgram } from "../src/program.ts";

const SEED = fileURLToPath(new URL("../../../../shared/seed/quarantined_features.json", import.meta.url));
const [WIDTH, FEATURES] = [24, 32_768];
const [THRESHOLD, NORM] = [0.35546875, 10.8125];
const FOLDER = "Llama3_1-8B-Base-L21R-8x";
const REPO = "fnlp/Llama3_1-8B-Base-LXR-8x";
const LIST = { "19397": "data breaches", "5": "bombs", "32767": "theft" };

const root = mkdtempSync(join(tmpdir(), "modx-pack-cli-"));
const at = (name: string): string => join(root, name);
const encoder = numbers(FEATURES * WIDTH, 1);
const decoder = numbers(FEATURES * WIDTH, 2);
const bias = numbers(FEATURES, 3);

/** A hub with an autoencoder in Llama Scope's layout. */
async function hubWithScope(): Promise<void> {
  const hub = await HubServer.start();
  vi.stubEnv("HF_ENDPOINT", hub.url);
  hub.commit(REPO, 1, {
    [`${FOLDER}/hyperparams.json`]: JSON.stringify({
      d_model: WIDTH,
      d_sae: FEATURES,
      act_fn: "jumprelu",
      jump_relu_threshold: THRESHOLD,
      norm_activation: "dataset-wise",
      dataset_average_activation_norm: { in: NORM, out: NORM },
      apply_decoder_bias_to_pre_encoder: false,
      sparsity_include_decoder_norm: true,
      hook_point_in: "blocks.21.hook_resid_post",
      hook_point_out: "blocks.21.hook_resid_post",
    }),
    [`${FOLDER}/checkpoints/final.safetensors`]: writeSafetensors(
      new Map<string, Tensor>([
        ["encoder.weight", { dtype: "F32", shape: [FEATURES, WIDTH], data: encoder }],
        ["encoder.bias", { dtype: "F32", shape: [FEATURES], data: bias }],
        ["decoder.weight", { dtype: "F32", shape: [WIDTH, FEATURES], data: decoder }],
        ["decoder.bias", { dtype: "F32", shape: [WIDTH], data: new Float32Array(WIDTH) }],
      ]),
    ),
  });
}

beforeAll(() => {
  writeFileSync(at("list.json"), JSON.stringify(LIST));
  vi.stubEnv("XDG_CACHE_HOME", at("cache"));
  vi.stubEnv("HF_HOME", at("hf"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

interface Ran {
  text: string;
  status: number;
}

async function modx(...args: string[]): Promise<Ran> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await createProgram().parseAsync(args, { from: "user" });
    return { text: write.mock.calls.map(([chunk]) => chunk).join(""), status: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = 0;
    write.mockRestore();
  }
}

describe("a list of features", () => {
  it("becomes a pack that travels and monitors nothing, then one with the rows that its authors meant", async () => {
    await hubWithScope();
    await modx("pack", "import", at("list.json"), "--out", at("listed"));
    expect(readAnyPack(at("listed")).manifest).toMatchObject({
      sources: [{ sae: "llama3.1-8b/21-llamascope-res-32k" }],
    });
    expect(() => readPack(at("listed"))).toThrow(expect.objectContaining({ code: "MODX_PACK_UNRESOLVED" }));
    const verified = await modx("pack", "verify", at("listed"), "--json");
    expect(JSON.parse(verified.text)).toMatchObject({
      fit: "uncalibrated",
      golden_max_error: null,
      signature: "none",
      unresolved: true,
    });
    expect(verified.status).toBe(1);
    expect((await modx("pack", "inspect", at("listed"))).text).toContain("19397: data breaches");

    await modx("pack", "resolve", at("listed"), "--out", at("resolved"));
    const { manifest, readouts } = readPack(at("resolved"));
    expect(manifest.madeFor).toEqual({ model: "meta-llama/Llama-3.1-8B", width: WIDTH });
    const [detector] = manifest.detectors;
    if (detector?.algorithm !== "feature-list") throw new Error("another detector");
    const factor = Math.sqrt(WIDTH) / NORM;
    // as the authors' loader folds them: the decoder's lengths into the encoder, the norm into the bias
    for (const [row, [key, label]] of Object.entries(LIST).entries()) {
      const index = Number(key);
      const column = Array.from({ length: WIDTH }, (_, i) => decoder[i * FEATURES + index] ?? 0);
      const length = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0));
      const found = readouts[0]?.rows[row];
      expect(found?.name).toBe(`f${index}`);
      expect(found?.bias).toBeCloseTo((length * (bias[index] ?? 0)) / factor, 5);
      found?.weights.forEach((value, i) => {
        expect(value).toBeCloseTo(length * (encoder[index * WIDTH + i] ?? 0), 5);
      });
      expect(detector.features[row]).toMatchObject({ label, activation: { kind: "jumprelu", threshold: THRESHOLD } });
    }
    expect(readouts[0]?.tap).toBe("blocks.21.hook_resid_post");
    await expect(modx("pack", "resolve", at("resolved"))).rejects.toMatchObject({ code: "MODX_USAGE" });
    expect((await modx("pack", "diff", at("resolved"), at("resolved"))).status).toBe(0);
    expect((await modx("pack", "diff", at("listed"), at("resolved"))).status).toBe(1);
  });

  it.skipIf(!existsSync(SEED))("is the paper's, of 182 features", async () => {
    await hubWithScope();
    await modx("pack", "import", SEED, "--out", at("paper"));
    await modx("pack", "resolve", at("paper"));
    const { readouts, manifest } = readPack(at("paper"));
    expect(readouts[0]?.rows).toHaveLength(182);
    expect(manifest.provenance).toMatchObject({
      list: "quarantined_features.json",
      autoencoder: "llama3.1-8b/21-llamascope-res-32k",
      features: "182",
    });
  });

  it("is refused where the autoencoder has not what it names, and the list stays", async () => {
    await hubWithScope();
    writeFileSync(at("beyond.json"), "[40000]");
    await modx("pack", "import", at("beyond.json"), "--out", at("beyond"));
    await expect(modx("pack", "resolve", at("beyond"))).rejects.toMatchObject({ code: "MODX_USAGE_FEATURES" });
    expect(isResolved(readAnyPack(at("beyond")))).toBe(false);
  });

  it("is signed, and trusted for one key alone", async () => {
    await modx("pack", "import", at("list.json"), "--out", at("signed"));
    await modx("pack", "sign", at("signed"), "--new-key", at("key"));
    const verify = async (...flags: string[]) =>
      (JSON.parse((await modx("pack", "verify", at("signed"), "--json", ...flags)).text) as { signature: string })
        .signature;
    expect(await verify()).toBe("valid");
    expect(await verify("--trust", at("key.pub"))).toBe("valid");
    vi.stubEnv("MODX_TRUST", at("key.pub"));
    expect(await verify()).toBe("valid");
    await modx("pack", "import", at("list.json"), "--out", at("other"));
    await modx("pack", "sign", at("other"), "--new-key", at("other-key"));
    expect(await verify("--trust", at("other-key.pub"))).toBe("untrusted");
    vi.stubEnv("MODX_TRUST", at("other-key.pub"));
    expect(await verify()).toBe("untrusted");
    await expect(modx("pack", "sign", at("signed"))).rejects.toMatchObject({ code: "MODX_USAGE" });
    // no key is left behind by a try that failed
    await expect(modx("pack", "sign", at("nowhere"), "--new-key", at("third-key"))).rejects.toMatchObject({
      code: "MODX_PACK_MISSING",
    });
    expect(existsSync(at("third-key"))).toBe(false);
  });

  it("has a schema that other tools can check it with", async () => {
    const schema = JSON.parse((await modx("pack", "schema")).text) as { anyOf: { properties: object }[] };
    const published = readFileSync(new URL("../../../docs/pack.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published), "run npm run pack:schema").toEqual(schema);
    expect(schema.anyOf.map(({ properties }) => Object.keys(properties))).toEqual([
      expect.arrayContaining(["identities", "readouts", "detectors"]),
      expect.arrayContaining(["unresolved", "sources"]),
    ]);
  });
});

function numbers(length: number, seed: number): Float32Array {
  const random = randomSource(seed);
  return Float32Array.from({ length }, () => random() - 0.5);
}
