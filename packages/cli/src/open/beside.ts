import { type Pack, readPack } from "@modx/pack";
import { usage } from "../options/option.ts";

/**
 * Reads `NAME=DIR`: a pack that watches along and never alarms. Its detectors go by the name that is given, so that they are told apart
 * from those of the pack that is judged.
 */
export function packBeside(text: string): Pack {
  const [, name, folder] = /^([a-z0-9][a-z0-9._-]{0,63})=(.+)$/.exec(text) ?? [];
  if (name === undefined || folder === undefined)
    throw usage(`--beside ${text} is not NAME=DIR.`, "Give a name in small letters, and the folder of a pack.");
  const pack = readPack(folder);
  const detectors = pack.manifest.detectors.map((spec, index) => ({
    ...spec,
    name: index === 0 ? name : `${name}-${index + 1}`,
    level: "intent" as const,
  }));
  return { ...pack, manifest: { ...pack.manifest, detectors } };
}

/** As much of a pack as its detectors' names. */
interface Named {
  manifest: { detectors: readonly { name: string }[] };
}

/** Throws MODX_USAGE where a detector of the packs beside is called like another one of them, or like one that is judged. */
export function checkNames(judged: readonly Named[], beside: readonly Named[]): void {
  const namesOf = (packs: readonly Named[]): string[] =>
    packs.flatMap(({ manifest }) => manifest.detectors.map(({ name }) => name));
  const [taken, names] = [new Set(namesOf(judged)), namesOf(beside)];
  for (const name of names) {
    if (taken.has(name))
      throw usage(`Two detectors are called ${name}.`, "Give each pack of --beside NAME=DIR a name of its own.");
    taken.add(name);
  }
}
