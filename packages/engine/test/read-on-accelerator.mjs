// read-on-accelerator.mjs MODEL ACCELERATOR: prints what computes, the residuals of a prompt at four taps, and how the answer begins.
import { openEngine } from "../dist/index.js";

const [model, accelerator] = process.argv.slice(2);
const taps = [0, 9, 18, 29].map((layer) => `blocks.${layer}.hook_resid_post`);
const engine = await openEngine({ model, accelerator, taps, contextTokens: 128 });
const { tokens } = await engine.prompt([{ role: "user", content: "Why is the sea salty, and rivers are not?" }]);
const sequence = await engine.start({ maxTokens: tokens.length + 8 });
const decoded = await sequence.decode(tokens, { capture: true, sample: true });
const text = engine.text();
let said = "";
for (let next = decoded.next, i = 0; i < 8 && next !== null && !engine.isEnd(next); i++) {
  said += text.push(next);
  ({ next } = await sequence.decode(Int32Array.of(next), { sample: true }));
}
const residuals = decoded.residuals.map((tap) =>
  Buffer.from(tap.buffer, tap.byteOffset, tap.byteLength).toString("base64"),
);
process.stdout.write(JSON.stringify({ device: engine.properties.device, residuals, text: said }));
await engine.close();
