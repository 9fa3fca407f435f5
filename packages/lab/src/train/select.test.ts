import { expect, it } from "vitest";
import type { BlockResponse } from "./block-set.ts";
import { type Choice, selectAndTrain } from "./select.ts";

const residual = new Float32Array(4).fill(1);
const response: BlockResponse = {
  prompt: "a",
  source: "x",
  label: "benign",
  kind: "benign",
  arm: "natural",
  reader: "suspect",
  userMean: residual,
  lastPrompt: residual,
  baseLastPrompt: null,
  blocks: [residual],
};
const set = { taps: ["blocks.1.hook_resid_post"], width: 4, responses: [response] };
const like: Choice = {
  taps: ["blocks.1.hook_resid_post"],
  penalty: 1,
  join: { weights: { content: 1 }, width: 8, minimum: 4 },
};

it.each([
  ["a tap that was not recorded", { ...like, taps: [...like.taps, "blocks.2.hook_resid_post"] }, /blocks\.2\.hook/],
  [
    "the base, which was not recorded",
    { ...like, join: { ...like.join, weights: { content: 1, opinion: 0.3 } } },
    /base/,
  ],
])("cannot train like a pack that reads %s", (_, choice, what) => {
  expect(() => selectAndTrain(set, { like: choice })).toThrow(
    expect.objectContaining({ code: "MODX_LAB_RECORDING", message: expect.stringMatching(what) }),
  );
});
