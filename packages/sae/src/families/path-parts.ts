/** Names along a path, with or without a slash at its end. */
export function partsOf(path: string): string[] {
  return path.split(/[\\/]+/).filter((part) => part !== "" && part !== ".");
}

/** What the last of the names that match says: folders further up may be called anything. */
export function lastMatch(parts: readonly string[], pattern: RegExp): RegExpExecArray | null {
  for (const part of parts.toReversed()) {
    const match = pattern.exec(part);
    if (match !== null) return match;
  }
  return null;
}
