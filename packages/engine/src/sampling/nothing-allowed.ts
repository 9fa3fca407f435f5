import { ModxError } from "@modx/errors";

/** Of a sampler that left no token to choose, as a grammar that has come to an end without the model's token for it. */
export function nothingAllowed(): ModxError {
  return new ModxError("MODX_ENGINE_SAMPLING", {
    what: "The sampling parameters left no token to choose.",
    remedy: "Check the grammar: it has to allow an end, and something at every step before it.",
  });
}
