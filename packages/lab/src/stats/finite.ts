/** A figure as JSON can hold it: null where there was too little to compute it from. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
