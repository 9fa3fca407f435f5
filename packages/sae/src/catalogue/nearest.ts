/**
 * The names that are nearest to one that is none: with most of its words first, and among those with the fewest edits. One that has
 * neither all of its words nor half of its characters is not near.
 */
export function nearest(wanted: string, names: readonly string[], most: number): string[] {
  const text = wanted.toLowerCase();
  const words = wordsOf(text);
  return names
    .map((name) => {
      const there = wordsOf(name.toLowerCase());
      return {
        name,
        shared: [...words].filter((word) => there.has(word)).length,
        distance: editDistance(text, name.toLowerCase()),
      };
    })
    .filter(({ shared, distance }) => shared === words.size || distance < text.length / 2)
    .sort((a, b) => b.shared - a.shared || a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/[^a-z0-9]+/).filter((word) => word !== ""));
}

/** Levenshtein's: fewest characters that are inserted, left out or replaced to make one text of the other. */
function editDistance(a: string, b: string): number {
  let above = Uint16Array.from({ length: b.length + 1 }, (_, column) => column);
  let row = new Uint16Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
    }
    [above, row] = [row, above];
  }
  return above[b.length] ?? 0;
}
