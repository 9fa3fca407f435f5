import { readFileSync } from "node:fs";
import type { CatalogueEntry } from "./entry.ts";
import { expand, placeOf } from "./expand.ts";
import { nearest } from "./nearest.ts";
import { catalogueSchema } from "./schema.ts";

interface Catalogue {
  entries: readonly CatalogueEntry[];
  /** By SAELens' name and by Neuronpedia's. */
  names: ReadonlyMap<string, CatalogueEntry>;
  /** By `USER/REPO/PATH`. */
  places: ReadonlyMap<string, CatalogueEntry>;
  renamed: Readonly<Record<string, string>>;
}

// as deep below dist/ as below src/
const FILE = new URL("../../catalogue/catalogue.json", import.meta.url);
let loaded: Catalogue | undefined;

function catalogue(): Catalogue {
  if (loaded !== undefined) return loaded;
  const file = catalogueSchema.parse(JSON.parse(readFileSync(FILE, "utf8")));
  const entries = expand(file);
  const first = (nameOf: (entry: CatalogueEntry) => string | null): Map<string, CatalogueEntry> => {
    const found = new Map<string, CatalogueEntry>();
    for (const entry of entries) {
      const name = nameOf(entry);
      if (name !== null && !found.has(name)) found.set(name, entry);
    }
    return found;
  };
  loaded = {
    entries,
    names: new Map([...first(({ neuronpedia }) => neuronpedia), ...first(({ id }) => id)]),
    places: first(placeOf),
    renamed: file.renamed,
  };
  return loaded;
}

/** All public autoencoders that are known by name. */
export function catalogueEntries(): readonly CatalogueEntry[] {
  return catalogue().entries;
}

/** What is called so: `release/id` of SAELens or `model/source` of Neuronpedia; null where nothing is. */
export function lookUp(id: string): CatalogueEntry | null {
  return catalogue().names.get(id) ?? null;
}

/** What lies on the hub at `USER/REPO/PATH`; null where the catalogue does not say. */
export function lookUpPlace(place: string): CatalogueEntry | null {
  const { places, renamed } = catalogue();
  const [user = "", ...rest] = place.replace(/\/$/, "").split("/");
  return places.get([renamed[user] ?? user, ...rest].join("/")) ?? null;
}

/** Names that may have been meant, the nearest first. */
export function suggest(id: string, most = 3): string[] {
  return nearest(id, [...catalogue().names.keys()], most);
}
