/** Whether a number is still one where the addon keeps it, in single precision: 1e39 is not. */
export function fitsSingle(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}
