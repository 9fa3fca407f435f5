// Random sparse dictionaries as a stand-in for SAEs in measurements of time.

/** Active features of a token, about as many as of a published SAE. */
const L0 = 50;

export const random = source(11);

/** Random features at every tap of the engine, with a threshold at which as many are active in a token as of a published SAE. */
export async function dictionaries(engine, features) {
  const { width } = engine.model;
  const text = Int32Array.from({ length: 12 }, () => 3 + Math.floor(random() * (engine.model.vocabularySize - 200)));
  const sequence = await engine.start({ maxTokens: text.length });
  const { residuals } = await sequence.decode(text, { capture: true });
  sequence.close();
  return engine.taps.map((tap, at) => {
    const encoder = gaussian(features * width);
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

export function gaussian(count) {
  const scale = 1 / Math.sqrt(2);
  // the sum of four uniform numbers is near enough to normal, and quick to draw
  return Float32Array.from({ length: count }, () => (random() + random() + random() + random() - 2) * scale);
}

function source(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
