import { type Projector, plainProjector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";
import { mutationsOf } from "./mutations.ts";
import type { Residuals } from "./residuals.ts";
import { check, type Figures } from "./verdict.ts";

export interface MutationRow {
  mutation: string;
  /** Whether the check fails. */
  caught: boolean;
  /** Whether it is only another way to write the same, which cannot be caught. */
  symmetry: boolean;
  cause: string | null;
  figures: Figures | null;
}

export interface MutationOptions {
  /** The layer that the autoencoder reads. */
  layer: number;
  /** Active features of a token as published; null where nothing is. */
  l0: number | null;
  project?: Projector;
}

/**
 * What the check says of a rightly read autoencoder, in the first row, of wrong readings of it, and of residuals of other layers, each
 * with its distance. Tells how much the check is worth on an autoencoder that is known to be right.
 */
export async function mutationMatrix(
  sae: Sae,
  residualsByLayer: ReadonlyMap<number, readonly Residuals[]>,
  { layer, l0, project = plainProjector }: MutationOptions,
): Promise<MutationRow[]> {
  const texts = residualsByLayer.get(layer) ?? [];
  const row = async (mutation: string, read: Sae, on: readonly Residuals[], symmetry = false): Promise<MutationRow> => {
    const { status, cause, figures } = await check(read, on, l0, project);
    return { mutation, caught: status === "failed", symmetry, cause, figures };
  };
  const rows = [await row("none", sae, texts, true)];
  for (const mutation of mutationsOf(sae)) rows.push(await row(mutation.name, mutation.sae, texts, mutation.symmetry));
  for (const [other, own] of residualsByLayer)
    if (other !== layer)
      rows.push(
        await row(`residuals of layer ${layer}${other > layer ? "+" : "-"}${Math.abs(other - layer)}`, sae, own),
      );
  return rows;
}
