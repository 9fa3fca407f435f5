// Loads a model with its adapters in a process of its own and decodes two tokens, so that a file on which llama.cpp
// crashes takes only this process with it. Prints one line of JSON: {"ok":true} or {"ok":false,"code","message"}.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { libraries, folder, model, adapters, taps } = JSON.parse(process.argv[2] ?? "{}");

try {
  const loader = require("../build/loader.node");
  for (const library of libraries) loader.open(library);
  const addon = require("../build/modx.node");
  addon.start(folder);
  const loaded = await addon.Model.load(model, { gpuLayers: 0 });
  const loadedAdapters = [];
  for (const { path, scale } of adapters)
    loadedAdapters.push({ adapter: await addon.Adapter.load(loaded, path), scale });
  loaded.vocabulary();
  loaded.metadata();
  const options = { tokens: 32, batch: 32, sequences: 1, threads: 1, taps, adapters: loadedAdapters };
  const context = await addon.Context.create(loaded, options);
  const tokens = loaded.tokenize("Hello there", false).slice(0, 2);
  const none = new Int32Array(tokens.length);
  const outputs = new Uint8Array(tokens.length).fill(1);
  const samplers = Array.from(tokens, () => null);
  if (tokens.length > 0)
    await context.decode(
      tokens,
      none.map((_, index) => index),
      none,
      outputs,
      samplers,
      false,
    );
  console.log(JSON.stringify({ ok: true }));
} catch (error) {
  console.log(JSON.stringify({ ok: false, code: error.code ?? "MODX_ENGINE_MODEL_REFUSED", message: error.message }));
}
