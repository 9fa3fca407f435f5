const SPLIT = /^(.+)-(\d{5})-of-(\d{5})(\.gguf)$/i;

/** More parts than this is a crafted name; the largest models have some hundred. */
const MOST_PARTS = 999;

/**
 * All parts of a split model, in order, whichever part is named: `m-00002-of-00003.gguf` gives three names. A file that
 * is whole gives itself.
 */
export function allParts(file: string): string[] {
  const [, stem, index, count, ending] = SPLIT.exec(file) ?? [];
  const parts = Number(count);
  if (stem === undefined || count === undefined || ending === undefined) return [file];
  if (parts < 1 || parts > MOST_PARTS || Number(index) < 1 || Number(index) > parts) return [file];
  return Array.from({ length: parts }, (_, at) => `${stem}-${String(at + 1).padStart(5, "0")}-of-${count}${ending}`);
}

/** True for a whole file and for the first part of a split one. */
export function isFirstPart(file: string): boolean {
  return allParts(file)[0] === file;
}
