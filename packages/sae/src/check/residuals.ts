/** Residuals of one text at the place that the autoencoder reads. */
export interface Residuals {
  /** [positions, width], raw. */
  values: Float32Array;
  /** Position in the text of the first one. Position 0, whose residual is a hundred times the others', is looked at by itself. */
  from: number;
}

/** Residuals behind position 0, and those of position 0; [positions, width] each. */
export interface Positions {
  tokens: Float32Array;
  first: Float32Array;
}

/** Of all texts, evenly thinned to at most so many of each kind. */
export function positionsOf(texts: readonly Residuals[], width: number, most: number): Positions {
  const rows = texts.flatMap(({ values, from }) =>
    Array.from({ length: values.length / width }, (_, i) => ({
      row: values.subarray(i * width, (i + 1) * width),
      first: from + i === 0,
    })),
  );
  const [first, tokens] = [true, false].map((wanted) => {
    const own = rows.filter((one) => one.first === wanted);
    const count = Math.min(own.length, most);
    const out = new Float32Array(count * width);
    for (let i = 0; i < count; i++)
      out.set(own[Math.floor((i * own.length) / count)]?.row ?? new Float32Array(), i * width);
    return out;
  });
  return { tokens: tokens ?? new Float32Array(), first: first ?? new Float32Array() };
}
