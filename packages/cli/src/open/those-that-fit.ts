import type { Engine } from "@modx/engine";
import { countOf, fitting, type Traffic } from "@modx/lab";
import { usage } from "../options/option.ts";
import { note } from "../print/note.ts";

/**
 * Prompts that leave room for `room` more tokens in the context of every one of the engines, and how many others there were, which is
 * said. Throws MODX_USAGE where none is left.
 */
export async function thoseThatFit(
  engines: readonly Engine[],
  prompts: Traffic,
  room: number,
  what = "prompts",
): Promise<{ fit: Traffic; left: number }> {
  let fit = prompts;
  for (const engine of engines) fit = await fitting(engine, fit, room);
  const context = Math.min(...engines.map(({ properties }) => properties.contextTokens));
  const left = countOf(prompts) - countOf(fit);
  if (left > 0 && countOf(fit) === 0)
    throw usage(
      `None of ${left} ${what} leaves room for ${room} more tokens in a context of ${context}.`,
      "Give a larger context (-c), or shorter prompts.",
    );
  if (left > 0) note(`${left} ${what} are too long for a context of ${context} tokens and are left out (-c)`);
  return { fit, left };
}
