import type { Served, ServerState } from "../state/server-state.ts";

/** One entry of OpenAI's list of models. */
export function modelEntry({ name }: Served, { started }: ServerState): Record<string, unknown> {
  return { id: name, object: "model", created: started, owned_by: "modx" };
}
