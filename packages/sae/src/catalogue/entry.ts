/** A public autoencoder of the residual stream, as SAELens' table of releases has it. */
export interface CatalogueEntry {
  /** SAELens' name: its release, a slash, and its id there. */
  id: string;
  /** Neuronpedia's, `model/source`; null where none is known. */
  neuronpedia: string | null;
  /** One of `FAMILIES`. */
  family: string;
  /** The model's repository on the hub. */
  model: string;
  /** Its own, `USER/REPO`. */
  repo: string;
  /** Its folder in there, or the one file that it is. */
  path: string;
  /** The place as it was trained on, for example `blocks.8.hook_resid_pre`. */
  hook: string;
  /** Behind which block that is, counted from 0. */
  layer: number;
  /** Published: active features of a token; null where nothing is. */
  l0: number | null;
  /** Published: share of the variance that it explains; below 0 where the mean would do better. */
  explained: number | null;
  /** What belongs into its `cfg.json` and stands in SAELens' table instead. */
  config: Readonly<Record<string, unknown>>;
}
