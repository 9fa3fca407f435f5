import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { foldRows, openSae } from "@modx/sae";
import { type Tensor, writeSafetensors } from "@modx/tensors";
import { describe, expect, it, onTestFinished } from "vitest";
import { HubServer } from "../../hub/src/testing/hub-server.ts";
import { cachesIn, temporaryFolder } from "../../hub/src/testing/temporary-folder.ts";
import { saeFolder } from "../src/open/sae-folder.ts";

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../../sae/test/fixtures/${name}`, import.meta.url));

const zeros = (...shape: number[]): Tensor => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

async function start() {
  const hub = await HubServer.start();
  const env = cachesIn(await temporaryFolder(), { HF_ENDPOINT: hub.url });
  return { hub, options: { env, retries: 0, backoffMs: 1 } };
}

const SCOPE = {
  "Llama3_1-8B-Base-L21R-8x/hyperparams.json": JSON.stringify({
    d_model: 4,
    d_sae: 8,
    act_fn: "jumprelu",
    jump_relu_threshold: 0.5,
    norm_activation: "dataset-wise",
    dataset_average_activation_norm: { in: 10, out: 10 },
    apply_decoder_bias_to_pre_encoder: false,
    sparsity_include_decoder_norm: true,
    hook_point_in: "blocks.21.hook_resid_post",
    hook_point_out: "blocks.21.hook_resid_post",
  }),
  "Llama3_1-8B-Base-L21R-8x/checkpoints/final.safetensors": writeSafetensors(
    new Map([
      ["encoder.weight", zeros(8, 4)],
      ["encoder.bias", zeros(8)],
      ["decoder.weight", zeros(4, 8)],
      ["decoder.bias", zeros(4)],
    ]),
  ),
};

describe("an autoencoder on this machine", () => {
  it("may be a folder of links, as the hub's own cache has them", async () => {
    const folder = await temporaryFolder();
    for (const name of ["cfg.json", "sae_weights.safetensors"])
      symlinkSync(new URL(`../../sae/test/fixtures/sae-lens-jumprelu/${name}`, import.meta.url), join(folder, name));
    symlinkSync("nowhere", join(folder, "broken"));
    const { family, file } = await openSae(await saeFolder(folder));
    expect(family.name).toBe("sae-lens");
    await file.close();
  });
});

describe("an autoencoder by its name", () => {
  it.each([
    "llama3.1-8b/21-llamascope-res-32k",
    "llama_scope_lxr_8x/l21r_8x",
    "hf:fnlp/Llama3_1-8B-Base-LXR-8x/Llama3_1-8B-Base-L21R-8x",
    "hf:OpenMOSS-Team/Llama3_1-8B-Base-LXR-8x/Llama3_1-8B-Base-L21R-8x#main",
    "https://huggingface.co/fnlp/Llama3_1-8B-Base-LXR-8x/Llama3_1-8B-Base-L21R-8x",
    "https://huggingface.co/fnlp/Llama3_1-8B-Base-LXR-8x/tree/main/Llama3_1-8B-Base-L21R-8x/?not-for-all",
  ])("is opened on the hub, with the published figure that its files lack: %s", async (name) => {
    const { hub, options } = await start();
    hub.commit("OpenMOSS-Team/Llama3_1-8B-Base-LXR-8x", 1, SCOPE);
    hub.rename("fnlp/Llama3_1-8B-Base-LXR-8x", "OpenMOSS-Team/Llama3_1-8B-Base-LXR-8x");
    const { family, layout, about, published, file } = await openSae(await saeFolder(name, options));
    expect(family.name).toBe("llama-scope");
    expect(layout).toMatchObject({ width: 4, features: 8 });
    expect(about).toMatchObject({ layer: 21, model: "meta-llama/Llama-3.1-8B", l0: 50 });
    expect(published).toEqual({ l0: 50, l0OfTraining: true, explained: null });
    await file.close();
  });

  it("fetches its rows once: after that they are there offline too", async () => {
    const { hub, options } = await start();
    hub.commit("fnlp/Llama3_1-8B-Base-LXR-8x", 1, SCOPE);
    const rows = async (offline: boolean): Promise<number> => {
      const folder = await saeFolder("llama_scope_lxr_8x/l21r_8x", { ...options, offline });
      const { file, layout } = await openSae(folder);
      const { encoder } = await foldRows(file, layout, [5, 2]);
      await file.close();
      return encoder.length;
    };
    expect(await rows(false)).toBe(8);
    const [asked, fetched] = [hub.requests.length, hub.storage.requests.length];
    expect(await rows(false)).toBe(8);
    expect(hub.requests).toHaveLength(asked + 1);
    expect(await rows(true)).toBe(8);
    expect(hub.requests).toHaveLength(asked + 1);
    expect(hub.storage.requests).toHaveLength(fetched);
  });

  it("says what its files say, and the catalogue's word only where they are silent", async () => {
    const { hub, options } = await start();
    hub.commit("andyrdt/saes-llama-3.1-8b-instruct", 1, {
      "resid_post_layer_7/trainer_1/config.json": fixture("dictionary-learning-BatchTopKSAE/config.json"),
      "resid_post_layer_7/trainer_1/ae.pt": fixture("dictionary-learning-BatchTopKSAE/ae.pt"),
    });
    const folder = await saeFolder("llama3.1-8b-it/7-resid-post-aa", options);
    const { trainer } = (await folder.json("config.json")) as { trainer: { layer: number; lm_name?: string } };
    const { about, file } = await openSae(folder);
    expect(about).toMatchObject({
      layer: trainer.layer,
      model: trainer.lm_name ?? "meta-llama/Llama-3.1-8B-Instruct",
    });
    await file.close();
  });

  it("is one file where each layer is one", async () => {
    const { hub, options } = await start();
    const repo = "Qwen/SAE-Res-Qwen3-8B-Base-W64K-L0_50";
    hub.commit(repo, 1, { "README.md": "", "layer2.sae.pt": "two", "layer20.sae.pt": "twenty" });
    const folder = await saeFolder("qwen-scope-3-8b-base-w64k-l50/layer20", options);
    expect(folder).toMatchObject({ name: repo, files: ["layer20.sae.pt"] });
    const address = `https://huggingface.co/${repo}/blob/main/layer20.sae.pt`;
    expect(await saeFolder(address, options)).toMatchObject({ name: repo, files: ["layer20.sae.pt"] });
    await expect(openSae(await saeFolder(`hf:${repo}`, options))).rejects.toMatchObject({
      code: "MODX_USAGE",
      message: expect.stringContaining("2 autoencoders"),
    });
  });

  it("is read with what SAELens adds to its configuration", async () => {
    const { hub, options } = await start();
    hub.commit("jbloom/GPT2-Small-SAEs-Reformatted", 1, {
      "blocks.8.hook_resid_pre/cfg.json": JSON.stringify({ d_in: 4, d_sae: 8, hook_name: "blocks.8.hook_resid_pre" }),
      "blocks.8.hook_resid_pre/sae_weights.safetensors": writeSafetensors(new Map([["W_enc", zeros(4, 8)]])),
    });
    const { layout, about, published, file } = await openSae(await saeFolder("gpt2-small/8-res-jb", options));
    expect(published).toEqual({ l0: 60, l0OfTraining: false, explained: 0.9 });
    expect(layout.input).toBe("centred");
    expect(about).toMatchObject({ hook: "blocks.8.hook_resid_pre", layer: 7 });
    await file.close();
  });

  it("is of the revision that a browser's address has", async () => {
    const { hub, options } = await start();
    hub.commit("user/repo", 1, { "sae/cfg.json": "{}" });
    const folder = "https://huggingface.co/user/repo/tree";
    await expect(saeFolder(`${folder}/v2/sae`, options)).rejects.toMatchObject({
      message: expect.stringContaining("v2"),
    });
    expect(await saeFolder(`${folder}/main`, options)).toMatchObject({ name: "user/repo", files: ["sae/cfg.json"] });
  });

  it("is a folder here where there is one, and nothing is asked for", async () => {
    const { hub, options } = await start();
    const here = process.cwd();
    onTestFinished(() => process.chdir(here));
    process.chdir(await temporaryFolder());
    mkdirSync("llama_scope_lxr_8x/l21r_8x", { recursive: true });
    expect(await saeFolder("llama_scope_lxr_8x/l21r_8x", options)).toMatchObject({ files: [] });
    expect(hub.requests).toEqual([]);
  });

  it.each([
    ["llama_scope_lxr_8x/l21_8x", "MODX_SAE_UNKNOWN", "llama_scope_lxr_8x/l21r_8x"],
    ["nobody/has-ever-heard-of-it", "MODX_SAE_UNKNOWN", "modx sae list"],
    ["./llama_scope_lxr_8x/l21r_8x", "MODX_USAGE_FILE_MISSING", ""],
    ["/llama_scope_lxr_8x/l21r_8x", "MODX_USAGE_FILE_MISSING", ""],
  ])("is refused where there is none: %s", async (name, code, remedy) => {
    await expect(saeFolder(name)).rejects.toMatchObject({ code, remedy: expect.stringContaining(remedy) });
  });

  it("is not asked for when offline", async () => {
    const { options } = await start();
    await expect(saeFolder("llama_scope_lxr_8x/l21r_8x", { ...options, offline: true })).rejects.toMatchObject({
      code: "MODX_HUB_OFFLINE",
    });
  });
});
