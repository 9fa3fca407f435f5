import { ModxError } from "@modx/errors";

/** What follows from an alarm. Steering is declared by the design and not built yet. */
export const ACTIONS = ["log", "alert", "halt"] as const;
export type Action = (typeof ACTIONS)[number];

export interface Policy {
  action: Action;
  /**
   * How many tokens wait for their successors' verdicts: with 1 a token leaves when its own verdict is clear, with 4 when
   * those of the three after it are as well, with `all` when the response is complete.
   */
  hold: number | "all";
}

/** Throws MODX_USAGE for an action or a hold-back that does not exist. */
export function checkPolicy(action: string, hold: number | "all" = 1): Policy {
  const known = ACTIONS.find((name) => name === action);
  if (known === undefined) {
    throw new ModxError("MODX_USAGE", {
      what: `There is no policy "${action}".`,
      remedy: `Use one of ${ACTIONS.join(", ")}.`,
    });
  }
  if (hold !== "all" && (!Number.isInteger(hold) || hold < 1)) {
    throw new ModxError("MODX_USAGE", {
      what: `The hold-back is ${hold}.`,
      remedy: 'Give a whole number of tokens from 1, or "all".',
    });
  }
  return { action: known, hold };
}
