import { ModxError } from "@modx/errors";
import type { Layout } from "./layout.ts";

/** Throws MODX_SAE_CONFIG where as many features cannot be kept: more than there are, or groups of different sizes. */
export function checkRule(name: string, { features, active }: Pick<Layout, "features" | "active">): void {
  if (active.rule !== "topk" && active.rule !== "groupmax") return;
  const { rule, k } = active;
  if (Number.isInteger(k) && k > 0 && k <= features && (rule === "topk" || features % k === 0)) return;
  throw new ModxError("MODX_SAE_CONFIG", {
    what: `${name} keeps ${k} of its ${features} features${rule === "groupmax" ? ", one of each group" : ""}: that cannot be.`,
    remedy: "Check that configuration and weights belong together, and that the family is the right one.",
  });
}
