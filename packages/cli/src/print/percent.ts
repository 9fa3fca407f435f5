/** A share in percent with one digit. */
export function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
