import { residualLayer } from "../families/family.ts";
import type { CatalogueEntry } from "./entry.ts";
import type { CatalogueFile } from "./schema.ts";

/** Every entry of the file, in its order. */
export function expand({ releases }: CatalogueFile): CatalogueEntry[] {
  const entries = Object.entries(releases).flatMap(([release, { family, model, repo, saes }]) =>
    saes.flatMap((group) =>
      group.rows.map((row): CatalogueEntry => {
        const hook = fill(group.hook, row);
        return {
          id: `${release}/${fill(group.id, row)}`,
          neuronpedia: group.neuronpedia === undefined ? null : fill(group.neuronpedia, row),
          family,
          model,
          repo,
          path: fill(group.path, row),
          hook,
          layer: residualLayer(hook) ?? Number.NaN,
          l0: numberOf(group.l0, row),
          explained: numberOf(group.explained, row),
          config: group.config,
        };
      }),
    ),
  );
  share(entries);
  return entries;
}

/** The same files may have two names, of which one says what the other does not. */
function share(entries: readonly CatalogueEntry[]): void {
  const known = new Map<string, Pick<CatalogueEntry, "neuronpedia" | "l0" | "explained">>();
  for (const entry of entries) {
    const { neuronpedia = null, l0 = null, explained = null } = known.get(placeOf(entry)) ?? {};
    known.set(placeOf(entry), {
      neuronpedia: neuronpedia ?? entry.neuronpedia,
      l0: l0 ?? entry.l0,
      explained: explained ?? entry.explained,
    });
  }
  for (const entry of entries) {
    const { neuronpedia, l0, explained } = known.get(placeOf(entry)) ?? entry;
    entry.neuronpedia ??= neuronpedia;
    entry.l0 ??= l0;
    entry.explained ??= explained;
  }
}

/** `USER/REPO/PATH`. */
export function placeOf({ repo, path }: CatalogueEntry): string {
  return `${repo}/${path}`;
}

function fill(template: string, row: readonly number[]): string {
  return template.replace(/\{(\d+)\}/g, (_, column: string) => String(row[Number(column)]));
}

function numberOf(template: string | undefined, row: readonly number[]): number | null {
  return template === undefined ? null : Number(fill(template, row));
}
