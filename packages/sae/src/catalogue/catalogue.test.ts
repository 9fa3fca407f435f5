import { describe, expect, it } from "vitest";
import { FAMILIES } from "../open-sae.ts";
import { catalogueEntries, lookUp, lookUpPlace, suggest } from "./catalogue.ts";
import { placeOf } from "./expand.ts";

describe("the catalogue", () => {
  it("finds Llama Scope L21R-8x by both of its names", () => {
    const entry = {
      id: "llama_scope_lxr_8x/l21r_8x",
      neuronpedia: "llama3.1-8b/21-llamascope-res-32k",
      family: "llama-scope",
      model: "meta-llama/Llama-3.1-8B",
      repo: "fnlp/Llama3_1-8B-Base-LXR-8x",
      path: "Llama3_1-8B-Base-L21R-8x",
      hook: "blocks.21.hook_resid_post",
      layer: 21,
      l0: 50,
      explained: null,
      config: {},
    };
    expect(lookUp("llama_scope_lxr_8x/l21r_8x")).toEqual(entry);
    expect(lookUp("llama3.1-8b/21-llamascope-res-32k")).toEqual(entry);
  });

  it.each([
    [
      "gemma-scope-2b-pt-res-canonical/layer_20/width_16k/canonical",
      "gemma-scope",
      "google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71",
      20,
      71,
    ],
    [
      "gemma-2-2b/20-gemmascope-res-16k",
      "gemma-scope",
      "google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71",
      20,
      71,
    ],
    [
      "gemma-scope-2-270m-it-res-all/layer_9_width_16k_l0_small",
      "gemma-scope-2",
      "google/gemma-scope-2-270m-it/resid_post_all/layer_9_width_16k_l0_small",
      9,
      20,
    ],
    [
      "llama3.1-8b-it/19-resid-post-aa",
      "dictionary-learning",
      "andyrdt/saes-llama-3.1-8b-instruct/resid_post_layer_19/trainer_1",
      19,
      null,
    ],
    [
      "goodfire-llama-3.1-8b-instruct/layer_19",
      "goodfire",
      "Goodfire/Llama-3.1-8B-Instruct-SAE-l19/Llama-3.1-8B-Instruct-SAE-l19.pth",
      19,
      91,
    ],
    [
      "qwen-scope-3-8b-base-w64k-l50/layer35",
      "qwen-scope",
      "Qwen/SAE-Res-Qwen3-8B-Base-W64K-L0_50/layer35.sae.pt",
      35,
      50,
    ],
    [
      "deepseek-r1-distill-llama-8b/19-qresearch-res-65k",
      "deepseek-r1",
      "qresearch/DeepSeek-R1-Distill-Llama-8B-SAE-l19/DeepSeek-R1-Distill-Llama-8B-SAE-l19.pt",
      19,
      null,
    ],
    [
      "deepseek-r1-distill-llama-8b/15-llamascope-slimpj-res-32k",
      "llama-scope-r1-distill",
      "fnlp/Llama-Scope-R1-Distill/800M-Slimpajama-0-OpenR1-Math-220k/L15R",
      15,
      null,
    ],
    // the stream before a block is the one behind the block before
    [
      "mistral-7b-res-wg/blocks.16.hook_resid_pre",
      "sae-lens",
      "JoshEngels/Mistral-7B-Residual-Stream-SAEs/mistral_7b_layer_16",
      15,
      74,
    ],
  ])("knows where %s lies", (name, family, place, layer, l0) => {
    const entry = lookUp(name);
    expect(entry).toMatchObject({ family, layer, l0 });
    expect(entry && placeOf(entry)).toBe(place);
    expect(lookUpPlace(place)).toMatchObject({ layer, l0, neuronpedia: entry?.neuronpedia });
  });

  it("takes the model of Gemma Scope from its repository, where SAELens' table has the base model", () => {
    expect(lookUp("gemma-scope-9b-it-res/layer_20/width_131k/average_l0_13")?.model).toBe("google/gemma-2-9b-it");
  });

  it("keeps what SAELens adds to configurations, without which they are read wrongly", () => {
    expect(lookUp("gpt2-small/8-res-jb")?.config).toEqual({
      model_from_pretrained_kwargs: { center_writing_weights: true },
    });
    expect(lookUp("mistral-7b-res-wg/blocks.8.hook_resid_pre")?.config).toEqual({
      normalize_activations: "constant_norm_rescale",
    });
    expect(lookUp("gemma-2b/12-res-jb")?.config).toEqual({ norm_scaling_factor: 0.21381938399317255 });
  });

  it("finds what lies in a renamed user's repository", () => {
    const place = "Llama3_1-8B-Base-LXR-8x/Llama3_1-8B-Base-L21R-8x";
    expect(lookUpPlace(`OpenMOSS-Team/${place}`)).toBe(lookUpPlace(`fnlp/${place}/`));
    expect(lookUpPlace(`somebody/${place}`)).toBeNull();
  });

  it("names each autoencoder once, of families that are read, behind a block", () => {
    const entries = catalogueEntries();
    expect(entries.length).toBeGreaterThan(4000);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    const families = FAMILIES.map(({ name }) => name);
    for (const entry of entries) {
      expect(families).toContain(entry.family);
      expect(Number.isInteger(entry.layer), entry.id).toBe(true);
      expect(`${placeOf(entry)} ${entry.id} ${entry.neuronpedia}`).not.toMatch(/[{}]|undefined|NaN/);
      expect(entry.model).toMatch(/^[\w.-]+\/[\w.-]+$/);
      if (entry.neuronpedia !== null) expect(placeOf(lookUp(entry.neuronpedia) ?? entry)).toBe(placeOf(entry));
    }
  });

  it("has nothing but the residual stream between blocks", () => {
    for (const { id, path } of catalogueEntries())
      expect(`${id} ${path}`).not.toMatch(
        /transcoder|mlp|attn|att_|hook_z|resid_mid|embedding|blocks\.0\.hook_resid_pre|temporal/,
      );
  });
});

describe("a name that is not in the catalogue", () => {
  it.each([
    ["llama_scope_lxr_8x/l21_8x", "llama_scope_lxr_8x/l21r_8x"],
    ["Llama-Scope-LXR-8x/l21r_8x", "llama_scope_lxr_8x/l21r_8x"],
    ["llama3.1-8b/21-llamascope-res-23k", "llama3.1-8b/21-llamascope-res-32k"],
    ["gemma-2-2b/20-gemmascope-16k", "gemma-2-2b/20-gemmascope-res-16k"],
    ["gemma-2-2b/20-res-16k", "gemma-2-2b/20-gemmascope-res-16k"],
  ])("%s is told of %s", (wrong, right) => {
    expect(lookUp(wrong)).toBeNull();
    const near = suggest(wrong);
    expect(near).toContain(right);
    expect(near.length).toBeLessThanOrEqual(3);
  });

  it("is told of none where nothing is near", () => {
    expect(suggest("saes/layer_9")).toEqual([]);
  });
});
