import { openEngine } from "../packages/engine/dist/index.js";
import { fetchDefaultModel } from "../packages/hub/dist/index.js";
import { interleave, medianInterval, ratios } from "../packages/lab/dist/index.js";
import { dictionaries, drawn, tokensOf } from "./dictionaries.mjs";
import { randomModel } from "./random-model.mjs";
import { compared, writeResult } from "./result.mjs";

/** As many as the paper's quarantine. */
const QUARANTINE = 182;
/** Fewer blocks than a measurement asks for, where time is short; what was run is in the result. */
const MOST_BLOCKS = Number(process.env.BLOCKS ?? Number.POSITIVE_INFINITY);

const small = { model: "small", layers: [9, 15, 18, 24], prompt: 32, tokens: 32, blocks: 200 };
const large = { model: "large", layers: [8, 16, 21, 28], prompt: 4, tokens: 4, blocks: 12 };
const NAMES = {
  "rows-1": { ...small, streams: 1, rows: QUARANTINE },
  "rows-8": { ...small, streams: 8, rows: QUARANTINE },
  "prefill-pack": { ...small, streams: 1, rows: 16, prefill: 256, blocks: 60 },
  "prefill-rows": { ...small, streams: 1, rows: QUARANTINE, prefill: 256, blocks: 60 },
  "sae-1": { ...small, streams: 1, features: 4096 },
  "sae-8": { ...small, streams: 8, features: 4096 },
  "rows-8b-1": { ...large, streams: 1, rows: QUARANTINE },
  "rows-8b-8": { ...large, streams: 8, rows: QUARANTINE },
  "sae-8b-8": { ...large, streams: 8, features: 32_768 },
  ...Object.fromEntries([1, 4, 16].map((streams) => [`streams-${streams}`, { ...small, streams, rows: 16 }])),
  ...Object.fromEntries(
    [1, 8, 29].map((count) => [
      `taps-${count}`,
      { ...small, layers: Array.from({ length: count }, (_, i) => i), streams: 1, rows: 4 * count },
    ]),
  ),
};

const models = { small: fetchDefaultModel, large: randomModel };

for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(NAMES)) {
  writeResult(`watching-${name}`, await measure(NAMES[name]));
}

async function measure({ model, layers, prompt, tokens, blocks, streams, rows = 0, features = 0, prefill = 0 }) {
  const taps = layers.map((layer) => `blocks.${layer}.hook_resid_post`);
  const sizes = { sequences: streams, contextTokens: prefill + prompt + tokens + 8 };
  const engine = await openEngine({
    model: await models[model](),
    taps,
    ...sizes,
    lanes: { plain: { taps: [], ...sizes } },
  });
  const plain = engine.lane("plain");
  const { width } = engine.model;
  const readouts = taps.map((tap, at) => ({
    tap,
    rows: Array.from({ length: Math.floor(rows / taps.length) + (at < rows % taps.length ? 1 : 0) }, (_, i) => ({
      name: `${at}.${i}`,
      weights: drawn(width),
      bias: 0,
    })),
  }));
  await engine.bind(rows > 0 ? readouts : [], features > 0 ? await dictionaries(engine, features) : []);
  const texts = Array.from({ length: streams }, () => tokensOf(engine, prompt + prefill));
  const arm = (lane) => () =>
    prefill > 0 ? promptTime(lane, tokensOf(engine, prompt + prefill)) : decodeTime(lane, texts, tokens);
  const arms = [arm(plain), arm(plain), arm(engine)];
  for (const each of arms) await each();
  const times = await interleave(arms, Math.min(blocks, MOST_BLOCKS));
  const active = features > 0 ? await meanActive(engine, texts[0]) : undefined;
  const { name } = engine.model;
  await engine.close();
  return {
    what: `${prefill > 0 ? "prompt" : "decode"} time watched over unwatched`,
    ...compared(ratios(times, 2, 0), ratios(times, 1, 0)),
    model: name,
    streams,
    taps: taps.length,
    rows,
    ...(features > 0 && { features_per_tap: features, active_per_tap: active }),
    ...(prefill > 0 && { prompt_tokens: prompt + prefill }),
    blocks: times.length,
    tokens,
    step_ms: medianInterval(times.map(([time]) => time / (prefill > 0 ? 1 : tokens))).estimate,
  };
}

/** Milliseconds in which all streams decode their tokens, after their prompts. */
async function decodeTime(lane, texts, tokens) {
  const sequences = await Promise.all(texts.map((text) => lane.start({ maxTokens: text.length + tokens + 1 })));
  const options = { sample: true, ahead: true };
  const first = await Promise.all(sequences.map((sequence, i) => sequence.decode(texts[i], options)));
  const started = performance.now();
  await Promise.all(
    sequences.map(async (sequence, i) => {
      let { next } = first[i];
      for (let step = 0; step < tokens; step++) ({ next } = await sequence.decode(Int32Array.of(next), options));
    }),
  );
  const time = performance.now() - started;
  for (const sequence of sequences) sequence.close();
  return time;
}

/** Of a text that was not read before: one that was is found in memory. */
async function promptTime(lane, text) {
  const sequence = await lane.start({ maxTokens: text.length + 1 });
  const started = performance.now();
  await sequence.decode(text);
  const time = performance.now() - started;
  sequence.close();
  return time;
}

async function meanActive(engine, text) {
  const sequence = await engine.start({ maxTokens: text.length });
  const { features } = await sequence.decode(text);
  sequence.close();
  const counts = features.map(({ features: indices }) => indices.length / (text.length - 1));
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}
