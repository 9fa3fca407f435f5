import type { Engine } from "@modx/engine";
import { expect, it } from "vitest";
import { fromBelow } from "./last-prompt.ts";

it("puts a residual's taps in the order of their depth, by number and not by name", () => {
  const taps = [18, 21, 0, 3, 9].map((block) => `blocks.${block}.hook_resid_post` as const);
  const engine = { taps, model: { width: 2 } as Engine["model"] };
  const residual = Float32Array.of(18, 18.5, 21, 21.5, 0, 0.5, 3, 3.5, 9, 9.5);
  expect([...fromBelow(engine, residual)]).toEqual([0, 0.5, 3, 3.5, 9, 9.5, 18, 18.5, 21, 21.5]);
});
