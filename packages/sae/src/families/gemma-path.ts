import { type About, residualHook, unsupported } from "./family.ts";
import { lastMatch, partsOf } from "./path-parts.ts";

/** `layer_20/width_16k/average_l0_71`, or one folder, `layer_9_width_16k_l0_small`. */
const FOLDERS = 3;
const BLOCK = /^(?:layer_(\d+)(?:_width_.+)?|(embedding))$/;
const L0 = /^average_l0_(\d+)$/;
/** Of the first release the repository says what is read, of the second the folder around; the hub's cache has names before it. */
const KIND =
  /^(?:.*--)?(?:gemma-scope-\w+-\w+-(?<repo>res|att|mlp|transcoders)|(?<folder>resid_post|attn_out|mlp_out|transcoder|clt)(?:_all)?)$/;
/** As SAELens names these places. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  att: "attn.hook_z",
  attn_out: "attn.hook_z",
  mlp: "hook_mlp_out",
  mlp_out: "hook_mlp_out",
};

/** What the path says of one of Gemma Scope's. Throws MODX_SAE_UNSUPPORTED for token embeddings and transcoders. */
export function aboutPath(name: string): About {
  const parts = partsOf(name);
  const own = parts.slice(-FOLDERS);
  const [, block, embedding] = lastMatch(own, BLOCK) ?? [];
  if (embedding !== undefined) throw unsupported(name, "is of token embeddings");
  const { repo, folder } = lastMatch(parts, KIND)?.groups ?? {};
  const kind = repo ?? folder ?? "res";
  if (/^(?:transcoder|clt)/.test(kind)) throw unsupported(name, "is a transcoder");
  const l0 = lastMatch(own, L0)?.[1];
  const elsewhere = ELSEWHERE[kind];
  return { ...placeOf(block, elsewhere), model: null, l0: l0 === undefined ? null : Number(l0) };
}

function placeOf(block: string | undefined, elsewhere: string | undefined): Pick<About, "layer" | "hook"> {
  if (elsewhere !== undefined)
    return { layer: null, hook: `${block === undefined ? "" : `blocks.${block}.`}${elsewhere}` };
  if (block === undefined) return { layer: null, hook: null };
  return { layer: Number(block), hook: residualHook(Number(block)) };
}
