import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordedResiduals } from "./recorded-residuals.ts";
import { HEADER_FILE, type RecordedResponse } from "./recording.ts";
import { ShardWriter } from "./shard-writer.ts";

const [TAPS, WIDTH] = [["blocks.3.hook_resid_post", "blocks.6.hook_resid_post"], 4];
const SIZE = TAPS.length * WIDTH;

/** Residuals are 10 times the response's number, plus the position, plus half for the second tap. */
function response(number: number, text: string, kept: number): RecordedResponse {
  return {
    id: `r${number}`,
    prompt: { id: `p${number}`, text, label: null, source: "" },
    arm: { kind: "natural", opening: "" },
    promptTokens: [1, 2, 3],
    user: { start: 1, end: 2 },
    tokens: Array.from({ length: kept }, () => 9),
    forced: 0,
    text: "",
    label: "answered",
    finish: "stop",
    kept,
    userMean: new Float32Array(SIZE),
    lastUser: new Float32Array(SIZE),
    lastPrompt: new Float32Array(SIZE),
    response: Float32Array.from(
      { length: kept * SIZE },
      (_, at) => 10 * number + Math.floor(at / SIZE) + (at % SIZE < WIDTH ? 0 : 0.5),
    ),
  };
}

describe("the residuals of a recording at one tap", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-recorded-residuals-"));
  const read = (options: Partial<Parameters<typeof recordedResiduals>[1]> = {}) =>
    recordedResiduals(folder, { tap: TAPS[1] ?? "", width: WIDTH, most: 100, ...options }).map(({ values, from }) => ({
      from,
      firstOfEach: Array.from({ length: values.length / WIDTH }, (_, i) => values[i * WIDTH]),
    }));

  beforeAll(() => {
    writeFileSync(join(folder, HEADER_FILE), JSON.stringify({ schema: 1, taps: TAPS, width: WIDTH }));
    const writer = new ShardWriter(folder, 0, SIZE);
    for (const [number, text, kept] of [
      [1, "a", 2],
      [2, "a", 3],
      [3, "b", 0],
      [4, "c", 2],
    ] as const)
      writer.add(response(number, text, kept));
    writer.flush();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are those of one response to each prompt, behind its tokens, as far as they were kept", () => {
    expect(read()).toEqual([
      { from: 3, firstOfEach: [10.5, 11.5] },
      { from: 3, firstOfEach: [40.5, 41.5] },
    ]);
    expect(read({ tap: TAPS[0] ?? "" })[0]).toEqual({ from: 3, firstOfEach: [10, 11] });
  });

  it("end where there are enough", () => {
    expect(read({ most: 2 })).toHaveLength(1);
  });

  it("are refused at another tap, of another width, and of what is no recording", () => {
    const code = (expected: string) => expect.objectContaining({ code: expected });
    expect(() => read({ tap: "blocks.5.hook_resid_post" })).toThrow(code("MODX_USAGE_TAP"));
    expect(() => read({ width: 8 })).toThrow(code("MODX_USAGE"));
    expect(() => recordedResiduals(tmpdir(), { tap: "", width: 1, most: 1 })).toThrow(code("MODX_LAB_RECORDING"));
  });
});
