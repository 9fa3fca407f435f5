import type { Tensor } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../form/encode.ts";
import { foldEncoder, foldRows, foldWhole } from "../form/fold.ts";
import { openSae } from "../open-sae.ts";
import type { SaeFolder } from "../source/sae-folder.ts";
import { memoryFolder } from "../testing/memory-folder.ts";
import { randomSource } from "../testing/random-source.ts";
import { llamaScope } from "./llama-scope.ts";

/*
 * Each family's own formula, as its authors' code has it, written down once more over plain arrays, against the canonical form. The
 * matrices are small and full of numbers that differ, so that a wrong orientation, scale or bias shows.
 */
const [WIDTH, FEATURES] = [6, 16];
type Vector = readonly number[];
type Matrix = readonly Vector[];

const random = randomSource(5);
const vector = (length: number, size = 1): number[] =>
  Array.from({ length }, () => Math.fround(size * (2 * random() - 1)));
const matrix = (rows: number, columns: number): number[][] => Array.from({ length: rows }, () => vector(columns));
const transposed = (m: Matrix): number[][] => (m[0] ?? []).map((_, column) => m.map((row) => row[column] ?? 0));
const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const minus = (a: Vector, b: Vector): number[] => a.map((value, i) => value - (b[i] ?? 0));
const times = (a: Vector, factor: number): number[] => a.map((value) => value * factor);
const length = (a: Vector): number => Math.sqrt(dot(a, a));
const relu = (value: number): number => Math.max(0, value);

function tensors(entries: Record<string, Matrix | Vector>): ReadonlyMap<string, Tensor> {
  return new Map(
    Object.entries(entries).map(([name, value]) => {
      const rows = value as readonly (number | Vector)[];
      const inner = Array.isArray(rows[0]) ? [(rows[0] as Vector).length] : [];
      return [name, { dtype: "F32", shape: [rows.length, ...inner], data: Float32Array.from(rows.flat()) }];
    }),
  );
}

/** Decoded residual: sum of values times rows, plus bias. */
const combine = (z: Vector, rows: Matrix, bias: Vector): number[] =>
  bias.map((value, i) => value + z.reduce((sum, amount, feature) => sum + amount * (rows[feature]?.[i] ?? 0), 0));

/** Keeps the k largest that are above 0. */
function topk(pre: Vector, k: number): number[] {
  const kept = new Set([...pre.keys()].sort((a, b) => (pre[b] ?? 0) - (pre[a] ?? 0)).slice(0, k));
  return pre.map((value, i) => (kept.has(i) ? relu(value) : 0));
}

interface Case {
  folder: SaeFolder;
  /** Values in the family's own unit, and what it decodes, of a raw residual. */
  run(x: Vector): { z: number[]; decoded: number[] };
  /** The canonical value of a family's value, where they differ. */
  unit?: (feature: number) => number;
}

const encoder = matrix(FEATURES, WIDTH);
const decoder = matrix(FEATURES, WIDTH);
const [encoderBias, decoderBias, thresholds] = [
  vector(FEATURES, 0.3),
  vector(WIDTH, 0.5),
  vector(FEATURES, 0.4).map(Math.abs),
];
const pre = (x: Vector, bias: Vector = encoderBias): number[] => encoder.map((row, i) => dot(row, x) + (bias[i] ?? 0));

const native = (config: object, extra: Record<string, Vector> = {}): SaeFolder =>
  memoryFolder(
    "native",
    { "cfg.json": { d_in: WIDTH, d_sae: FEATURES, metadata: { hook_name: "blocks.7.hook_resid_post" }, ...config } },
    {
      "sae_weights.safetensors": tensors({
        W_enc: transposed(encoder),
        W_dec: decoder,
        b_enc: encoderBias,
        b_dec: decoderBias,
        ...extra,
      }),
    },
  );

const sparse = (config: object): SaeFolder =>
  memoryFolder(
    "some/layers.9",
    { "cfg.json": { d_in: WIDTH, num_latents: FEATURES, ...config } },
    {
      "sae.safetensors": tensors({
        "encoder.weight": encoder,
        "encoder.bias": encoderBias,
        W_dec: decoder,
        b_dec: decoderBias,
      }),
    },
  );

const scopeConfig = {
  d_model: WIDTH,
  d_sae: FEATURES,
  act_fn: "jumprelu",
  jump_relu_threshold: 0.4,
  norm_activation: "dataset-wise",
  dataset_average_activation_norm: { in: 3.5, out: 3.5 },
  apply_decoder_bias_to_pre_encoder: false,
  sparsity_include_decoder_norm: true,
  hook_point_in: "blocks.15.hook_resid_post",
  hook_point_out: "blocks.15.hook_resid_post",
};
const scope = memoryFolder(
  "scope",
  { "hyperparams.json": scopeConfig },
  {
    "checkpoints/final.safetensors": tensors({
      "encoder.weight": encoder,
      "encoder.bias": encoderBias,
      "decoder.weight": transposed(decoder),
      "decoder.bias": decoderBias,
    }),
  },
);
const factor = Math.sqrt(WIDTH) / 3.5;
const [gateBias, magnitudeBias, logScale] = [vector(FEATURES, 0.3), vector(FEATURES, 0.3), vector(FEATURES, 0.5)];

/** Its weights with the average norm of its data set, which is 3.5. */
const distilled = (config: object, decoderRows: Matrix): SaeFolder =>
  memoryFolder(
    "400M-Slimpajama-400M-OpenR1-Math-220k/L19R",
    {
      "config.json": {
        sae_type: "sae",
        d_model: WIDTH,
        expansion_factor: FEATURES / WIDTH,
        act_fn: "jumprelu",
        jump_relu_threshold: 0,
        norm_activation: "dataset-wise",
        top_k: 50,
        hook_point_in: "blocks.19.hook_resid_post",
        hook_point_out: "blocks.19.hook_resid_post",
        ...config,
      },
    },
    {
      "sae_weights.safetensors": tensors({
        "encoder.weight": encoder,
        "encoder.bias": encoderBias,
        "decoder.weight": transposed(decoderRows),
        "decoder.bias": decoderBias,
        log_jumprelu_threshold: thresholds.map((value) => Math.fround(Math.log(value))),
        "dataset_average_activation_norm.blocks.19.hook_resid_post": [3.5],
      }),
    },
  );
const unit = decoder.map((row) => times(row, 1 / length(row)));

const CASES: Record<string, Case> = {
  "SAELens, standard": {
    folder: native({ architecture: "standard" }),
    run: (x) => {
      const z = pre(minus(x, decoderBias)).map(relu);
      return { z, decoded: combine(z, decoder, decoderBias) };
    },
  },
  "SAELens, jumprelu on scaled input": {
    folder: native(
      {
        architecture: "jumprelu",
        apply_b_dec_to_input: false,
        normalize_activations: "expected_average_only_in",
        norm_scaling_factor: 0.8,
      },
      { threshold: thresholds },
    ),
    run: (x) => {
      const z = pre(times(x, 0.8)).map((value, i) => (value > (thresholds[i] ?? 0) ? relu(value) : 0));
      return { z, decoded: times(combine(z, decoder, decoderBias), 1 / 0.8) };
    },
  },
  "SAELens, top-k, from before 6.0": {
    folder: memoryFolder(
      "old",
      {
        "cfg.json": {
          d_in: WIDTH,
          d_sae: FEATURES,
          hook_point: "blocks.3.hook_resid_post",
          activation_fn_str: "topk",
          activation_fn_kwargs: { k: 4 },
          normalize_activations: "none",
        },
      },
      {
        "sae_weights.safetensors": tensors({
          W_enc: transposed(encoder),
          W_dec: decoder,
          b_enc: encoderBias,
          b_dec: decoderBias,
        }),
      },
    ),
    run: (x) => {
      const z = topk(pre(minus(x, decoderBias)), 4);
      return { z, decoded: combine(z, decoder, decoderBias) };
    },
  },
  "SAELens, top-k by the decoder's lengths": {
    folder: native({ architecture: "topk", k: 3, rescale_acts_by_decoder_norm: true }),
    run: (x) => {
      const scaled = pre(minus(x, decoderBias)).map((value, i) => value * length(decoder[i] ?? []));
      const z = topk(scaled, 3);
      return {
        z,
        decoded: combine(
          z,
          decoder.map((row) => times(row, 1 / length(row))),
          decoderBias,
        ),
      };
    },
  },
  "SAELens, gated": {
    folder: native({ architecture: "gated" }, { b_gate: gateBias, b_mag: magnitudeBias, r_mag: logScale }),
    run: (x) => {
      const own = minus(x, decoderBias);
      const z = encoder.map((row, i) => {
        const projected = dot(row, own);
        const magnitude = relu(projected * Math.exp(logScale[i] ?? 0) + (magnitudeBias[i] ?? 0));
        return projected + (gateBias[i] ?? 0) > 0 ? magnitude : 0;
      });
      return { z, decoded: combine(z, decoder, decoderBias) };
    },
  },
  "SAELens, layer norm": {
    folder: native({ architecture: "standard", normalize_activations: "layer_norm" }),
    run: (x) => {
      const mean = x.reduce((sum, value) => sum + value, 0) / WIDTH;
      const spread = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (WIDTH - 1)) + 1e-5;
      const z = pre(minus(times(minus(x, new Array(WIDTH).fill(mean)), 1 / spread), decoderBias)).map(relu);
      return { z, decoded: times(combine(z, decoder, decoderBias), spread).map((value) => value + mean) };
    },
  },
  "Llama Scope, as its authors load it": {
    folder: scope,
    run: (x) => {
      const z = encoder.map((row, i) => {
        const value = length(decoder[i] ?? []) * (dot(row, x) + (encoderBias[i] ?? 0) / factor);
        return value > 0.4 ? value : 0;
      });
      return {
        z,
        decoded: combine(
          z,
          decoder.map((row) => times(row, 1 / length(row))),
          times(decoderBias, 1 / factor),
        ),
      };
    },
  },
  "Gemma Scope 2": {
    folder: memoryFolder(
      "layer_9_width_16k_l0_small",
      {},
      {
        "params.safetensors": tensors({
          w_enc: transposed(encoder),
          w_dec: decoder,
          b_enc: encoderBias,
          b_dec: decoderBias,
          threshold: thresholds,
        }),
      },
    ),
    run: (x) => {
      const z = pre(x).map((value, i) => (value > (thresholds[i] ?? 0) ? relu(value) : 0));
      return { z, decoded: combine(z, decoder, decoderBias) };
    },
  },
  "sparsify, top-k": {
    folder: sparse({ k: 5, activation: "topk" }),
    run: (x) => {
      const z = topk(pre(minus(x, decoderBias)), 5);
      return { z, decoded: combine(z, decoder, decoderBias) };
    },
  },
  "sparsify, groupmax": {
    folder: sparse({ k: 4, activation: "groupmax" }),
    run: (x) => {
      const own = pre(minus(x, decoderBias));
      const z = own.map((value, i) => {
        const group = own.slice(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4);
        return value === Math.max(...group) ? relu(value) : 0;
      });
      return { z, decoded: combine(z, decoder, decoderBias) };
    },
  },
  Llamascopium: {
    folder: memoryFolder(
      "new",
      {
        "config.json": {
          d_model: WIDTH,
          d_sae: FEATURES,
          act_fn: "jumprelu",
          norm_activation: "dataset-wise",
          sparsity_include_decoder_norm: true,
          hook_point_in: "blocks.4.hook_resid_post",
          hook_point_out: "blocks.4.hook_resid_post",
        },
      },
      {
        "sae_weights.safetensors": tensors({
          W_E: transposed(encoder),
          W_D: decoder,
          b_E: encoderBias,
          b_D: decoderBias,
          "activation_function.log_jumprelu_threshold": thresholds.map((value) => Math.fround(Math.log(value))),
          "dataset_average_activation_norm.blocks.4.hook_resid_post": [3.5],
        }),
      },
    ),
    // it divides the length out again once it has decided who is active
    unit: (feature) => length(decoder[feature] ?? []),
    run: (x) => {
      const z = pre(times(x, factor)).map((value, i) =>
        value * length(decoder[i] ?? []) > (thresholds[i] ?? 0) ? value : 0,
      );
      return { z, decoded: times(combine(z, decoder, decoderBias), 1 / factor) };
    },
  },
  "Llama Scope R1-Distill": {
    folder: distilled({ sparsity_include_decoder_norm: true }, decoder),
    // the mask of who is active is a factor of the value without the length
    unit: (feature) => length(decoder[feature] ?? []),
    run: (x) => {
      const z = pre(times(x, factor)).map((value, i) =>
        value * length(decoder[i] ?? []) > (thresholds[i] ?? 0) ? value : 0,
      );
      return { z, decoded: times(combine(z, decoder, decoderBias), 1 / factor) };
    },
  },
  "Llama Scope R1-Distill, lengths left out": {
    folder: distilled({ sparsity_include_decoder_norm: false }, unit),
    run: (x) => {
      const z = pre(times(x, factor)).map((value, i) => (value > (thresholds[i] ?? 0) ? value : 0));
      return { z, decoded: times(combine(z, unit, decoderBias), 1 / factor) };
    },
  },
};

describe.each(Object.entries(CASES))("%s", (_, { folder, run, unit = () => 1 }) => {
  const residuals = Array.from({ length: 40 }, () => vector(WIDTH, 3));

  it("gives the active features, values and residuals of its authors' formula", async () => {
    const { file, layout } = await openSae(folder);
    const sae = await foldWhole(file, layout);
    let active = 0;
    for (const x of residuals) {
      const { z, decoded } = run(x);
      const code = encode(sae, Float32Array.from(x));
      expect(code.features).toEqual([...z.keys()].filter((i) => (z[i] ?? 0) > 0));
      for (const [index, feature] of code.features.entries())
        expect(code.values[index]).toBeCloseTo((z[feature] ?? 0) * unit(feature), 4);
      for (const [i, value] of decode(sae, code, Float32Array.from(x)).entries())
        expect(value).toBeCloseTo(decoded[i] ?? 0, 4);
      active += code.features.length;
    }
    expect(active).toBeGreaterThan(residuals.length);
    expect(active).toBeLessThan(residuals.length * FEATURES * 0.9);
  });

  it("gives some of its rows as the whole has them", async () => {
    const { file, layout } = await openSae(folder);
    const sae = await foldWhole(file, layout);
    const indices = [11, 2, 3, 15];
    const rows = await foldRows(file, layout, indices);
    for (const [row, feature] of indices.entries())
      for (const part of ["encoder", "decoder"] as const)
        expect([...rows[part].subarray(row * WIDTH, (row + 1) * WIDTH)]).toEqual([
          ...sae[part].subarray(feature * WIDTH, (feature + 1) * WIDTH),
        ]);
    expect([...rows.bias]).toEqual(indices.map((feature) => sae.bias[feature]));
    const { decoder: _, ...found } = rows;
    expect(await foldEncoder(file, layout, indices)).toEqual(found);
    const { active } = sae;
    expect(rows.thresholds === null ? null : [...rows.thresholds]).toEqual(
      active.rule === "threshold" ? indices.map((feature) => active.thresholds[feature]) : null,
    );
  });
});

describe("Llama Scope", () => {
  it("reads as SAELens does where asked: fewer are active, and values differ by a factor", async () => {
    const { file, layout } = await llamaScope("sae-lens").open(scope);
    const sae = await foldWhole(file, layout);
    for (let i = 0; i < 20; i++) {
      const x = vector(WIDTH, 3);
      const z = encoder.map((row, feature) => {
        const value = factor * (dot(row, x) + (encoderBias[feature] ?? 0) / factor);
        return value > 0.4 * factor ? value : 0;
      });
      const code = encode(sae, Float32Array.from(x));
      expect(code.features).toEqual([...z.keys()].filter((feature) => (z[feature] ?? 0) > 0));
      for (const [index, feature] of code.features.entries())
        expect(code.values[index]).toBeCloseTo(z[feature] ?? 0, 4);
    }
  });
});

describe("Llama Scope R1-Distill", () => {
  it("is told from Llamascopium, and lengths count where its configuration is silent", async () => {
    const { family, layout, about } = await openSae(distilled({}, decoder));
    expect(family.name).toBe("llama-scope-r1-distill");
    expect(layout).toMatchObject({ features: FEATURES, unitDecoder: true });
    expect(about).toEqual({ layer: 19, hook: "blocks.19.hook_resid_post", model: null, l0: null });
  });
});

describe("where it reads", () => {
  const gemma = (name: string): SaeFolder =>
    memoryFolder(
      name,
      {},
      {
        "params.safetensors": tensors({
          w_enc: transposed(encoder),
          w_dec: decoder,
          b_enc: encoderBias,
          b_dec: decoderBias,
          threshold: thresholds,
        }),
      },
    );

  it.each([
    ["google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71", 20, 71],
    ["google/gemma-scope-2b-pt-mlp/layer_20/width_16k/average_l0_71", null, 71],
    ["google/gemma-scope-2-1b-pt/attn_out_all/layer_9_width_16k_l0_small", null, null],
    ["google/gemma-scope-2-1b-pt/resid_post_all/layer_9_width_16k_l0_small", 9, null],
  ])("is said by the path %s", async (name, layer, l0) => {
    expect((await openSae(gemma(name))).about).toMatchObject({ layer, l0 });
  });

  it.each([
    // the stream before a block is the one behind the block before; before the first one are embeddings
    ["blocks.8.hook_resid_pre", 7],
    ["blocks.8.hook_resid_post", 8],
    ["blocks.0.hook_resid_pre", null],
    ["blocks.8.hook_resid_mid", null],
  ])("is behind a block for %s", async (hook_name, layer) => {
    expect((await openSae(native({ metadata: { hook_name } }))).about).toMatchObject({ layer, hook: hook_name });
  });

  it("is not guessed where a folder holds a file for each layer", async () => {
    const weights = tensors({ W_enc: encoder, W_dec: transposed(decoder), b_enc: encoderBias, b_dec: decoderBias });
    const name = "Qwen/SAE-Res-Qwen3-8B-Base-W64K-L0_5";
    const one = memoryFolder(name, {}, { "layer20.sae.pt": weights });
    expect((await openSae(one)).about).toMatchObject({ layer: 20, model: "Qwen3-8B-Base", l0: 5 });
    const two = memoryFolder(name, {}, { "layer2.sae.pt": weights, "layer20.sae.pt": weights });
    await expect(openSae(two)).rejects.toMatchObject({ code: "MODX_USAGE" });
  });

  it("is not the residual stream for one of token embeddings, which is refused", async () => {
    await expect(openSae(gemma("google/gemma-scope-2b-pt-res/embedding/width_4k/average_l0_6"))).rejects.toMatchObject({
      code: "MODX_SAE_UNSUPPORTED",
    });
  });
});

describe("what is no such folder", () => {
  const otherHook = { hook_point_in: "blocks.3.hook_resid_post", hook_point_out: "blocks.3.hook_resid_post" };

  it.each<[string, SaeFolder, string]>([
    ["of no family", memoryFolder("empty", {}, {}), "MODX_SAE_FAMILY"],
    [
      "with a configuration that lacks a field",
      memoryFolder("bad", { "cfg.json": { d_in: 6 } }, { "sae_weights.safetensors": tensors({ W_enc: encoder }) }),
      "MODX_SAE_CONFIG",
    ],
    ["of an unknown architecture", native({ architecture: "temporal" }), "MODX_SAE_UNSUPPORTED"],
    ["of a hook without a norm", distilled(otherHook, decoder), "MODX_TENSORS_MISSING"],
    ["that adds what it reads to another place", distilled({ hook_point_out: "out" }, decoder), "MODX_SAE_UNSUPPORTED"],
    [
      "scaled by nobody knows what",
      native({ normalize_activations: "expected_average_only_in" }),
      "MODX_SAE_UNSUPPORTED",
    ],
  ])("%s, is refused with a code, and no file of it stays open", async (_, folder, code) => {
    let open = 0;
    const tensors: SaeFolder["tensors"] = async (path) => {
      const file = await folder.tensors(path);
      open += 1;
      return {
        ...file,
        close: async () => {
          open -= 1;
          await file.close();
        },
      };
    };
    await expect(openSae({ ...folder, tensors })).rejects.toMatchObject({ code });
    expect(open).toBe(0);
  });

  it("with weights of another shape, is refused when it is folded", async () => {
    const { file, layout } = await openSae(native({ d_sae: FEATURES + 1 }));
    await expect(foldWhole(file, layout)).rejects.toMatchObject({ code: "MODX_SAE_SHAPE" });
  });
});
