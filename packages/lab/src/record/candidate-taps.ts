/** Shares of the depth at which residuals are recorded, so that training can choose. */
const TENTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Names of nine taps spread evenly over the depth, of fewer in a shallow model. */
export function candidateTaps(layers: number): string[] {
  const blocks = new Set(TENTHS.map((tenth) => Math.min(layers - 1, Math.round((tenth * layers) / 10))));
  return [...blocks].map((block) => `blocks.${block}.hook_resid_post`);
}
