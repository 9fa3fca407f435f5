import { unseen } from "../prompts/seen-texts.ts";
import { countOf, type Traffic } from "../prompts/traffic.ts";

/** What of a pack says what it has seen. */
interface Seeing {
  manifest: {
    detectors: readonly { calibrations: readonly { sources: readonly string[] }[] }[];
    provenance: Readonly<Record<string, string>>;
  };
  /** Marks of texts. */
  seen: Int32Array;
}

/** Where an evaluation asks what the pack has seen, in words: sources that it was trained or calibrated on, and texts. Its rates there are flattered. */
export function seenBefore({ manifest: { detectors, provenance }, seen }: Seeing, asked: Traffic): string[] {
  const calibrated = detectors.flatMap(({ calibrations }) => calibrations.flatMap(({ sources }) => sources));
  const trained = (provenance["training sources"] ?? "").split(", ").filter((source) => source !== "");
  const known = new Set([...calibrated, ...trained]);
  const all = Object.values(asked).flatMap((list) => list.map(({ source }) => source));
  const sources = [...new Set(all)].filter((source) => known.has(source)).sort();
  const texts = countOf(asked) - countOf(unseen(asked, seen));
  return [
    ...(sources.length === 0 ? [] : [`sources of which the pack has seen nothing: it has seen ${sources.join(", ")}`]),
    ...(texts === 0 ? [] : [`prompts that the pack has not seen: it has seen ${texts} of ${countOf(asked)}`]),
  ];
}
