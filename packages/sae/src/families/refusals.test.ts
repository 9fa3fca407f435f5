import type { Tensor } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { openSae } from "../open-sae.ts";
import type { SaeFolder } from "../source/sae-folder.ts";
import { memoryFolder } from "../testing/memory-folder.ts";

/* What configurations, paths and tensors say of an autoencoder that cannot be read rightly, or reads something else. */
const [WIDTH, FEATURES] = [4, 8];

function zeros(shapes: Record<string, readonly number[]>, fill = 0): Map<string, Tensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { dtype: "F32", shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(fill) },
    ]),
  );
}

const GEMMA = {
  w_enc: [WIDTH, FEATURES],
  w_dec: [FEATURES, WIDTH],
  b_enc: [FEATURES],
  b_dec: [WIDTH],
  threshold: [FEATURES],
};
const GEMMA_CONFIG = {
  type: "sae",
  architecture: "jump_relu",
  hf_hook_point_in: "model.layers.12.output",
  hf_hook_point_out: "model.layers.12.output",
  affine_connection: false,
  model_name: "google/gemma-3-1b-it",
  l0: 60,
};

describe("Gemma Scope 2", () => {
  const folder = (config: object | null, name = "x", more: Record<string, readonly number[]> = {}): SaeFolder =>
    memoryFolder(name, config === null ? {} : { "config.json": { ...GEMMA_CONFIG, ...config } }, {
      "params.safetensors": zeros({ ...GEMMA, ...more }),
    });

  it("says by its configuration where it reads, of which model, and its L0, before its path does", async () => {
    const { about } = await openSae(folder({}, "resid_post/layer_9_width_16k_l0_small"));
    expect(about).toEqual({ layer: 12, hook: "blocks.12.hook_resid_post", model: "google/gemma-3-1b-it", l0: 60 });
    const written = await openSae(folder({ model_name: "gemma-v3-270m-pt" }));
    expect(written.about.model).toBe("google/gemma-3-270m");
  });

  it.each<[string, object | null, string, Record<string, readonly number[]>]>([
    ["a transcoder", { type: "transcoder" }, "x", {}],
    ["a transcoder by its places", { hf_hook_point_out: "model.layers.12.mlp.output" }, "x", {}],
    ["an affine connection", { affine_connection: true }, "x", {}],
    ["another architecture", { architecture: "topk" }, "x", {}],
    ["another place", { hf_hook_point_in: "model.layers.12.self_attn.o_proj.input", hf_hook_point_out: null }, "x", {}],
    ["an affine connection without a configuration", null, "x", { affine_skip_connection: [WIDTH, WIDTH] }],
    ["a transcoder by its path", null, "transcoder_all/layer_9_width_16k_l0_small", {}],
  ])("refuses %s", async (_, config, name, more) => {
    await expect(openSae(folder(config, name, more))).rejects.toMatchObject({ code: "MODX_SAE_UNSUPPORTED" });
  });

  it.each([
    [
      "/hub/models--google--gemma-scope-2b-pt-mlp/snapshots/0/layer_20/width_16k/average_l0_71/",
      null,
      "blocks.20.hook_mlp_out",
      71,
    ],
    ["google/gemma-scope-2-1b-pt/attn_out_all/layer_9_width_16k_l0_small", null, "blocks.9.attn.hook_z", null],
    ["/data/mlp_runs/layer_20/width_16k/average_l0_71", 20, "blocks.20.hook_resid_post", 71],
    ["/data/layer_5_tests/att/layer_20/width_16k/average_l0_71", 20, "blocks.20.hook_resid_post", 71],
    ["/layer_3/embedding/average_l0_2/layer_20/width_16k/average_l0_71", 20, "blocks.20.hook_resid_post", 71],
    ["/data/layer_5_tests", null, null, null],
  ])("is of the place that the end of its path says: %s", async (name, layer, hook, l0) => {
    expect((await openSae(folder(null, name))).about).toEqual({ layer, hook, model: null, l0 });
  });
});

describe("sparsify", () => {
  const folder = (config: object, name = "layers.5"): SaeFolder =>
    memoryFolder(
      name,
      { "cfg.json": { d_in: WIDTH, num_latents: FEATURES, k: 2, ...config } },
      {
        "sae.safetensors": zeros({
          "encoder.weight": [FEATURES, WIDTH],
          "encoder.bias": [FEATURES],
          W_dec: [FEATURES, WIDTH],
          b_dec: [WIDTH],
        }),
      },
    );

  it.each([
    ["EleutherAI/sae-llama-3-8b-32x/layers.5", 5, "layers.5"],
    ["/layers.7/mine/layers.5/", 5, "layers.5"],
    ["h.5", 5, "h.5"],
    ["some/layers.5.mlp", null, "layers.5.mlp"],
    ["embed_tokens", null, "embed_tokens"],
    // a copy that was renamed: not known, which is not the same as elsewhere
    ["/data/layers.5/renamed", null, null],
  ])("reads where its folder's name says: %s", async (name, layer, hook) => {
    expect((await openSae(folder({}, name))).about).toMatchObject({ layer, hook });
  });

  it.each([
    ["groups of different sizes", { activation: "groupmax", k: 3 }, "MODX_SAE_CONFIG"],
    ["more features than there are", { k: FEATURES + 1 }, "MODX_SAE_CONFIG"],
    ["a linear connection", { skip_connection: true }, "MODX_SAE_UNSUPPORTED"],
    ["a transcoder", { transcode: true, skip_connection: true }, "MODX_SAE_UNSUPPORTED"],
  ])("refuses %s", async (_, config, code) => {
    await expect(openSae(folder(config))).rejects.toMatchObject({ code });
  });
});

describe("SAELens", () => {
  const folder = (factors: Map<string, Tensor>): SaeFolder =>
    memoryFolder(
      "s",
      { "cfg.json": { d_in: WIDTH, d_sae: FEATURES, metadata: {} } },
      {
        "sae_weights.safetensors": new Map([
          ...zeros({ W_enc: [WIDTH, FEATURES], W_dec: [FEATURES, WIDTH], b_enc: [FEATURES], b_dec: [WIDTH] }),
          ...factors,
        ]),
      },
    );

  it.each(["scaling_factor", "finetuning_scaling_factor"])("reads no %s but ones", async (tensor) => {
    expect((await openSae(folder(zeros({ [tensor]: [FEATURES] }, 1)))).family.name).toBe("sae-lens");
    await expect(openSae(folder(zeros({ [tensor]: [FEATURES] }, 1.1)))).rejects.toMatchObject({
      code: "MODX_SAE_UNSUPPORTED",
      message: expect.stringContaining(tensor),
    });
  });
});

describe("dictionary_learning", () => {
  const folder = (trainer: object, buffer?: object, threshold: readonly number[] = []): SaeFolder =>
    memoryFolder(
      "d",
      {
        "config.json": {
          trainer: { dict_class: "BatchTopKSAE", activation_dim: WIDTH, dict_size: FEATURES, layer: 5, ...trainer },
          buffer,
        },
      },
      {
        "ae.pt": zeros({
          "encoder.weight": [FEATURES, WIDTH],
          "encoder.bias": [FEATURES],
          "decoder.weight": [WIDTH, FEATURES],
          b_dec: [WIDTH],
          threshold,
        }),
      },
    );

  it.each<[object, object | undefined, number | null, string | null]>([
    [{}, undefined, 5, "blocks.5.hook_resid_post"],
    [{}, { io: "out" }, 5, "blocks.5.hook_resid_post"],
    [{ submodule_name: "resid_post_layer_5" }, { io: "out" }, 5, "blocks.5.hook_resid_post"],
    [{ layer: null, submodule_name: "resid_post_layer_7" }, {}, 7, "blocks.7.hook_resid_post"],
    [{}, { io: "in" }, 4, "blocks.5.hook_resid_pre"],
    [{ submodule_name: "resid_pre_layer_5" }, undefined, 4, "blocks.5.hook_resid_pre"],
    [{ layer: 0 }, { io: "in" }, null, "blocks.0.hook_resid_pre"],
    [{ submodule_name: "mlp_layer_5" }, { io: "out" }, null, "mlp_layer_5"],
    [{ submodule_name: "resid_mid_layer_5" }, undefined, null, "resid_mid_layer_5"],
    [{ layer: null }, undefined, null, null],
  ])("reads before or behind its block: %j, %j", async (trainer, buffer, layer, hook) => {
    expect((await openSae(folder(trainer, buffer))).about).toMatchObject({ layer, hook });
  });

  it.each([
    [{}, { io: "in_and_out" }],
    [{ submodule_name: "resid_post_layer_5" }, { io: "in" }],
  ])("is refused: %j, %j", async (trainer, buffer) => {
    await expect(openSae(folder(trainer, buffer))).rejects.toMatchObject({ code: "MODX_SAE_UNSUPPORTED" });
  });

  it("has one threshold, or is refused", async () => {
    expect((await openSae(folder({}, {}, [1]))).layout.active).toMatchObject({ rule: "threshold" });
    await expect(openSae(folder({}, {}, [FEATURES]))).rejects.toMatchObject({ code: "MODX_SAE_SHAPE" });
    await expect(openSae(folder({}, {}, [0]))).rejects.toMatchObject({ code: "MODX_SAE_SHAPE" });
  });
});

describe("families of one file", () => {
  const goodfire = zeros({ "encoder_linear.weight": [FEATURES, WIDTH] });
  const qwen = zeros({ W_enc: [FEATURES, WIDTH] });

  it("is any file where the family is named", async () => {
    const folder = memoryFolder("/mine", { "config.yaml": {} }, { "renamed.pth": goodfire });
    const { family, about } = await openSae(folder, "goodfire");
    expect(family.name).toBe("goodfire");
    expect(about).toEqual({ layer: null, hook: null, model: null, l0: null });
    await expect(openSae(folder)).rejects.toMatchObject({ code: "MODX_SAE_FAMILY" });
  });

  it("is no folder without such a file, nor one of several", async () => {
    for (const family of ["goodfire", "deepseek-r1", "qwen-scope"]) {
      const none = memoryFolder("/mine", { "config.yaml": {} }, {});
      await expect(openSae(none, family)).rejects.toMatchObject({
        code: "MODX_SAE_FAMILY",
        message: expect.stringContaining(family),
      });
      const two = memoryFolder("/mine", {}, { "a.pt": goodfire, "b.pt": goodfire });
      await expect(openSae(two, family)).rejects.toMatchObject({ code: "MODX_USAGE" });
    }
  });

  it.each([
    ["/x-L0_3/SAE-Res-Qwen3-8B-Base-W64K-L0_5", "Qwen3-8B-Base", 5],
    ["/hub/models--Qwen--SAE-Res-Qwen3-8B-Base-W64K-L0_5/snapshots/0a/", "Qwen3-8B-Base", 5],
  ])("is told by its repository's name alone: %s", async (name, model, l0) => {
    const { layout, about } = await openSae(memoryFolder(name, {}, { "layer20.sae.pt": qwen }));
    expect(layout.active).toEqual({ rule: "topk", k: l0 });
    expect(about).toMatchObject({ layer: 20, model, l0 });
  });

  it("says what to do where that name is gone", async () => {
    await expect(openSae(memoryFolder("/x-L0_3/mine", {}, { "layer20.sae.pt": qwen }))).rejects.toMatchObject({
      code: "MODX_SAE_UNSUPPORTED",
      remedy: expect.stringContaining("repository's name"),
    });
  });
});
