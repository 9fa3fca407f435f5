/** A remark for the person at the terminal: to stderr, where it is not part of the result. */
export function note(text: string): void {
  process.stderr.write(`modx: ${text}\n`);
}
