// A GGUF of Llama 3.1 8B's shape with random weights, 4.6 GB: what a step costs does not depend on what the weights say.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const SHAPE = { layers: 32, width: 4096, hidden: 14336, heads: 32, keyHeads: 8, vocabulary: 128_256, context: 8192 };
const [U32, F32, STRING, ARRAY, I32] = [4, 6, 8, 9, 5];
const [TYPE_F32, TYPE_Q4_0] = [0, 2];
/** Q4_0: 32 weights share a half-precision scale and have 4 bits each. */
const [BLOCK_WEIGHTS, BLOCK_BYTES] = [32, 18];
const ALIGNMENT = 32;

/** Writes it into the cache once; returns its path. */
export function randomModel() {
  const path = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "modx", "bench", "random-8b-Q4_0.gguf");
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(`${path}.part`, "w");
  const tensors = tensorsOf(SHAPE);
  const header = headerOf(SHAPE, tensors);
  writeSync(file, header);
  const noise = randomBlocks(1 << 16);
  for (const { type, count } of tensors) {
    let left = sizeOf(type, count);
    const piece = type === TYPE_F32 ? ones(count) : noise;
    // every tensor begins elsewhere in the noise, at a block's start
    let at = type === TYPE_F32 ? 0 : BLOCK_BYTES * Math.floor(Math.random() * (noise.length / BLOCK_BYTES));
    while (left > 0) {
      const bytes = piece.subarray(at, at + Math.min(left, piece.length - at));
      writeSync(file, bytes);
      left -= bytes.length;
      at = 0;
    }
    writeSync(file, Buffer.alloc(padding(sizeOf(type, count))));
  }
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
}

function tensorsOf({ layers, width, hidden, heads, keyHeads, vocabulary }) {
  const keys = (width / heads) * keyHeads;
  const norm = (name) => ({ name, dimensions: [width], type: TYPE_F32, count: width });
  const matrix = (name, from, to) => ({ name, dimensions: [from, to], type: TYPE_Q4_0, count: from * to });
  return [
    matrix("token_embd.weight", width, vocabulary),
    ...Array.from({ length: layers }, (_, i) => [
      norm(`blk.${i}.attn_norm.weight`),
      matrix(`blk.${i}.attn_q.weight`, width, width),
      matrix(`blk.${i}.attn_k.weight`, width, keys),
      matrix(`blk.${i}.attn_v.weight`, width, keys),
      matrix(`blk.${i}.attn_output.weight`, width, width),
      norm(`blk.${i}.ffn_norm.weight`),
      matrix(`blk.${i}.ffn_gate.weight`, width, hidden),
      matrix(`blk.${i}.ffn_up.weight`, width, hidden),
      matrix(`blk.${i}.ffn_down.weight`, hidden, width),
    ]).flat(),
    norm("output_norm.weight"),
    matrix("output.weight", width, vocabulary),
  ];
}

function headerOf({ layers, width, hidden, heads, keyHeads, vocabulary, context }, tensors) {
  const fields = [
    ["general.architecture", string("llama")],
    ["general.name", string("random weights, Llama 3.1 8B's shape")],
    ["general.file_type", u32(2)],
    ["llama.block_count", u32(layers)],
    ["llama.context_length", u32(context)],
    ["llama.embedding_length", u32(width)],
    ["llama.feed_forward_length", u32(hidden)],
    ["llama.attention.head_count", u32(heads)],
    ["llama.attention.head_count_kv", u32(keyHeads)],
    ["llama.attention.layer_norm_rms_epsilon", f32(1e-5)],
    ["llama.rope.freq_base", f32(500_000)],
    ["llama.vocab_size", u32(vocabulary)],
    ["tokenizer.ggml.model", string("gpt2")],
    ["tokenizer.ggml.pre", string("llama-bpe")],
    [
      "tokenizer.ggml.tokens",
      array(
        STRING,
        Array.from({ length: vocabulary }, (_, i) => text(`t${i}`)),
      ),
    ],
    [
      "tokenizer.ggml.token_type",
      array(
        I32,
        Array.from({ length: vocabulary }, () => word(1)),
      ),
    ],
    ["tokenizer.ggml.merges", array(STRING, [text("t 0")])],
    ["tokenizer.ggml.bos_token_id", u32(1)],
    ["tokenizer.ggml.eos_token_id", u32(2)],
  ];
  let offset = 0;
  const infos = tensors.map(({ name, dimensions, type, count }) => {
    const info = Buffer.concat([
      text(name),
      word(dimensions.length),
      ...dimensions.map(long),
      word(type),
      long(offset),
    ]);
    offset += sizeOf(type, count) + padding(sizeOf(type, count));
    return info;
  });
  const head = [Buffer.from("GGUF"), word(3), long(tensors.length), long(fields.length)];
  const whole = Buffer.concat([...head, ...fields.flatMap(([key, value]) => [text(key), value]), ...infos]);
  return Buffer.concat([whole, Buffer.alloc(padding(whole.length))]);
}

/** Blocks whose weights have the spread of a trained matrix of width 4096. */
function randomBlocks(count) {
  const blocks = Buffer.alloc(count * BLOCK_BYTES);
  for (let i = 0; i < blocks.length; i++) blocks[i] = Math.floor(Math.random() * 256);
  // 0.0034 in half precision: 4 bits around 8 have a spread of 4.6
  for (let block = 0; block < count; block++) blocks.writeUInt16LE(0x1af6, block * BLOCK_BYTES);
  return blocks;
}

function ones(count) {
  return Buffer.from(new Float32Array(count).fill(1).buffer);
}

function sizeOf(type, count) {
  return type === TYPE_F32 ? 4 * count : (count / BLOCK_WEIGHTS) * BLOCK_BYTES;
}

function padding(bytes) {
  return (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;
}

function word(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function long(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value) {
  return Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);
}

const u32 = (value) => Buffer.concat([word(U32), word(value)]);
const string = (value) => Buffer.concat([word(STRING), text(value)]);
const array = (type, values) => Buffer.concat([word(ARRAY), word(type), long(values.length), ...values]);
function f32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([word(F32), bytes]);
}
