import { z } from "zod";
import type { SaeFolder } from "../source/sae-folder.ts";
import { type About, parseConfig, residualHook, unsupported } from "./family.ts";

const CONFIG = "config.json";

const schema = z.object({
  type: z.string().default("sae"),
  architecture: z.string(),
  hf_hook_point_in: z.string(),
  hf_hook_point_out: z.string().nullish(),
  affine_connection: z.boolean().nullish(),
  model_name: z.string().nullish(),
  l0: z.number().nullish(),
});

/**
 * What the configuration of one of the second release says; null where it has none, as some folders on the hub. Throws
 * MODX_SAE_UNSUPPORTED for what is no jumprelu of the residual stream behind a block.
 */
export async function aboutConfig(folder: SaeFolder): Promise<About | null> {
  if (!folder.files.includes(CONFIG)) return null;
  const config = parseConfig(schema, await folder.json(CONFIG), folder.name);
  const { type, architecture, hf_hook_point_in: hook, hf_hook_point_out: out, l0 = null } = config;
  if (type !== "sae") throw unsupported(folder.name, `is a ${type}`);
  if (architecture !== "jump_relu") throw unsupported(folder.name, `is of the architecture "${architecture}"`);
  if (config.affine_connection === true) throw unsupported(folder.name, "has an affine connection beside its features");
  if (out != null && out !== hook) throw unsupported(folder.name, "is a transcoder");
  const block = /^model\.layers\.(\d+)\.output$/.exec(hook)?.[1];
  if (block === undefined) throw unsupported(folder.name, `reads ${hook}, not the residual stream behind a block`);
  const layer = Number(block);
  return { layer, hook: residualHook(layer), model: modelOf(config.model_name), l0 };
}

/** As the hub has it, after SAELens' reader: configurations say `gemma-v3-1b-pt` too, and the smallest base model has no ending. */
function modelOf(said: string | null | undefined): string | null {
  if (said == null) return null;
  const name = (said.includes("google") ? said : `google/${said}`).replace("-v3", "-3");
  return name.includes("270m") ? name.replace(/-pt$/, "") : name;
}
