import { ModxError } from "@modx/errors";
import type { TensorFile } from "@modx/tensors";
import type { z } from "zod";
import type { Layout } from "../form/layout.ts";
import type { SaeFolder } from "../source/sae-folder.ts";

/**
 * What a reader was compared with: files that the authors published, the authors' own library on files that it wrote, or only what the
 * library's source says of the layout.
 */
export type Verified = "real-file" | "author-library" | "layout-only";

/** Where an autoencoder reads, and what it was published with; null where its files do not say. */
export interface About {
  /** Behind which block it reads the residual stream, counted from 0; null where it reads something else. */
  layer: number | null;
  /** The authors' name of the place, for example `blocks.15.hook_resid_post`. */
  hook: string | null;
  /** The model's name, as its authors wrote it. */
  model: string | null;
  /** Active features of a token that it was published with. */
  l0: number | null;
}

export interface Found {
  file: TensorFile;
  layout: Layout;
  about: About;
}

/** One way in which sparse autoencoders are published. */
export interface SaeFamily {
  readonly name: string;
  readonly verified: Verified;
  /** Whether the number of active features that is published is only how many training kept: in use fewer are active. */
  readonly l0OfTraining?: boolean;
  /** Whether a folder looks like one of this family. */
  recognises(folder: SaeFolder): Promise<boolean>;
  /** Throws MODX_SAE_CONFIG, and what reading throws. */
  open(folder: SaeFolder): Promise<Found>;
}

/** A configuration as its schema has it. Throws MODX_SAE_CONFIG with the first field that is wrong. */
export function parseConfig<T>(schema: z.ZodType<T>, config: unknown, name: string): T {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModxError("MODX_SAE_CONFIG", {
    what: `The configuration of ${name} is not as its family writes it: ${issue?.path.join(".") || "it"}: ${issue?.message}.`,
    remedy: "Check that the family is the right one.",
  });
}

export function unsupported(name: string, what: string): ModxError {
  return new ModxError("MODX_SAE_UNSUPPORTED", {
    what: `${name} ${what}.`,
    remedy: "Use another autoencoder; docs/sae.md lists what is read.",
  });
}

/**
 * The block behind which a hook reads the residual stream, by the number behind `blocks.`, `layers.` and the like. What a block is given
 * is what the block before gives, the same tensor; the first one is given embeddings.
 */
export function residualLayer(hook: string | null): number | null {
  const match =
    /^(?:blocks\.(\d+)\.hook_resid_(?:post|(pre))|(?:(?:model|transformer|gpt_neox)\.)?(?:layers|h)\.(\d+))$/.exec(
      hook ?? "",
    );
  if (match === null) return null;
  const layer = Number(match[1] ?? match[3]) - (match[2] === undefined ? 0 : 1);
  return layer < 0 ? null : layer;
}

/** The other way round: the name of the residual stream behind a block. */
export function residualHook(layer: number): string {
  return `blocks.${layer}.hook_resid_post`;
}
