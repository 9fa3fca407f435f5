import { type Projector, plainProjector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";
import { type Mutation, mutationsOf } from "./mutations.ts";
import type { Residuals } from "./residuals.ts";
import type { Published } from "./rules.ts";
import { check, type Figures } from "./verdict.ts";

/** Residuals of a block nearer than this are much the same. */
const FAR = 4;

export interface MutationRow {
  mutation: string;
  /** Whether the check fails. */
  caught: boolean;
  /** Whether it is only another way to write the same, which cannot be caught. */
  symmetry: boolean;
  /** Whether the check is meant to fail. */
  promised: boolean;
  cause: string | null;
  figures: Figures | null;
}

export interface MutationOptions {
  /** The layer that the autoencoder reads. */
  layer: number;
  published: Published;
  project?: Projector;
}

/**
 * What the check says of a rightly read autoencoder, in the first row, of wrong readings of it, and of residuals of other layers, each
 * with its distance. Tells how much the check is worth on an autoencoder that is known to be right.
 */
export async function mutationMatrix(
  sae: Sae,
  residualsByLayer: ReadonlyMap<number, readonly Residuals[]>,
  { layer, published, project = plainProjector }: MutationOptions,
): Promise<MutationRow[]> {
  const texts = residualsByLayer.get(layer) ?? [];
  const row = async ({ name, sae: read, ...what }: Mutation, on = texts): Promise<MutationRow> => {
    const { status, cause, figures } = await check(read, on, published, project);
    return { mutation: name, caught: status === "failed", ...what, cause, figures };
  };
  const rows = [await row({ name: "none", sae, symmetry: true, promised: false })];
  for (const mutation of mutationsOf(sae)) rows.push(await row(mutation));
  for (const [other, own] of residualsByLayer) {
    if (other === layer) continue;
    const off = Math.abs(other - layer);
    const name = `residuals of layer ${layer}${other > layer ? "+" : "-"}${off}`;
    rows.push(await row({ name, sae, symmetry: false, promised: off >= FAR }, own));
  }
  return rows;
}
