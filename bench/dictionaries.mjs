// Random rows and sparse dictionaries as a stand-in for trained ones in measurements of time.

/** Active features of a token, about as many as of a published SAE. */
const L0 = 50;

const random = source(11);

/** Random features at every tap of the engine, with a threshold at which as many are active in a token as of a published SAE. */
export async function dictionaries(engine, features) {
  const { width } = engine.model;
  const text = tokensOf(engine, 12);
  const sequence = await engine.start({ maxTokens: text.length });
  const { residuals } = await sequence.decode(text, { capture: true });
  sequence.close();
  return engine.taps.map((tap, at) => {
    const encoder = drawn(features * width);
    const found = [];
    for (let position = 1; position < text.length; position++) {
      const residual = residuals[at].subarray(position * width, (position + 1) * width);
      for (let row = 0; row < features; row++) {
        let sum = 0;
        for (let i = 0, k = row * width; i < width; i++, k++) sum += encoder[k] * residual[i];
        found.push(sum);
      }
    }
    const threshold = Float64Array.from(found).sort()[found.length - L0 * (text.length - 1)];
    const active = { rule: "threshold", thresholds: new Float32Array(features).fill(threshold) };
    return { tap, encoder, bias: new Float32Array(features), active };
  });
}

/** Tokens drawn from the model's vocabulary, the first few and the last left out, which are special as a rule. */
export function tokensOf({ model: { vocabularySize } }, count) {
  return Int32Array.from({ length: count }, () => 3 + Math.floor(random() * (vocabularySize - 300)));
}

/** Numbers around 0: the sum of four uniform ones is near enough to normal, and quick to draw. */
export function drawn(count) {
  return Float32Array.from({ length: count }, () => random() + random() + random() + random() - 2);
}

function source(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
