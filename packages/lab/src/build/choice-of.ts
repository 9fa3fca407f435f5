import { ModxError } from "@modx/errors";
import type { Pack } from "@modx/pack";
import type { Choice } from "../train/select.ts";
import { OPINION, TERMS, type TermName } from "../train/terms.ts";

/** What was chosen when a pack was trained, so that another can be trained alike. Throws MODX_LAB_PACK where it does not say. */
export function choiceOf({ manifest, readouts }: Pack): Choice {
  const [spec] = manifest.detectors;
  const { penalty: written } = manifest.provenance;
  const penalty = Number(written);
  const terms = spec?.algorithm === "joined-terms" ? spec.terms : [];
  const content = terms.find(({ name }) => name === "content")?.aggregate;
  const known = terms.every(({ name }) => name === OPINION || (TERMS as readonly string[]).includes(name));
  if (!(penalty > 0) || content?.kind !== "window-mean" || !known)
    throw new ModxError("MODX_LAB_PACK", {
      what: `The pack ${manifest.name} was not trained by modx, or by a version that did not write down what it chose.`,
      remedy: "Train without --like, or name a pack that was built by this version.",
    });
  return {
    taps: readouts.map(({ tap }) => tap),
    penalty,
    join: {
      weights: Object.fromEntries(terms.map(({ name, weight }) => [name as TermName, weight])),
      width: content.width,
      minimum: content.minimum,
    },
  };
}
