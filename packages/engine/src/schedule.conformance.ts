import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import type { Readout } from "./readout/readout.ts";
import { tapName } from "./taps/tap-name.ts";

const TAPS = [tapName(9), tapName(24)];
const WIDTH = 576;
const SEQUENCES = 3;
/** What readings may move by, in standard deviations of the row's readings. */
const TOLERANCE = 0.01;
const RUNS = 12;

/** One reader of a text: when it comes, how it cuts the text up, and whether it leaves before the end. */
interface Reader {
  text: number;
  after: number;
  /** Tokens of the calls, over and over; null for one call that names its prefix, and so may find it in memory. */
  calls: number[] | null;
  leavesAt: number;
}

/**
 * Teacher-forced readings are those of the text alone, whatever else the engine does: company, chunks, the order in which sequences come
 * and go, memory that is found. For every implementation, on a real model of 30 layers and width 576.
 */
export function scheduleConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  describe("any schedule", () => {
    let engine: Engine;
    const readouts: Readout[] = TAPS.map((tap, at) => ({
      tap,
      rows: [0, 1].map((i) => ({
        name: `row-${at}-${i}`,
        weights: Float32Array.from({ length: WIDTH }, (_, k) => Math.sin((2 * at + i + 1) * k)),
        bias: i,
      })),
    }));
    const texts = textsWithBeginningsInCommon();
    const alone: Float32Array[] = [];
    let spread: number[] = [];

    beforeAll(async () => {
      engine = await open({ taps: TAPS, sequences: SEQUENCES, contextTokens: 256, batchTokens: 64 });
      for (const text of texts) {
        // binding anew empties the memory of prompts
        await engine.bind(readouts);
        alone.push(await readAll(engine, text));
      }
      spread = spreadOf(alone, engine.rowNames.length);
    });
    afterAll(() => engine.close());

    const reader = fc.record<Reader>({
      text: fc.nat(texts.length - 1),
      after: fc.nat(60),
      calls: fc.option(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), { nil: null }),
      leavesAt: fc.oneof(
        { weight: 3, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.double({ min: 0.1, max: 1, noNaN: true }) },
      ),
    });

    it("gives every reader the readings of its text alone", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(reader, { minLength: 2, maxLength: 7 }), async (readers) => {
          const found = await Promise.all(readers.map((one) => read(engine, texts[one.text] ?? new Int32Array(), one)));
          for (const [index, readings] of found.entries())
            expect(farthest(readings, alone[readers[index]?.text ?? 0], spread)).toBeLessThan(TOLERANCE);
        }),
        { numRuns: RUNS, seed: 20, endOnFailure: true },
      );
    });
  });
}

async function readAll(engine: Engine, text: Int32Array): Promise<Float32Array> {
  const sequence = await engine.start({ maxTokens: text.length });
  try {
    return (await sequence.decode(text)).readings;
  } finally {
    sequence.close();
  }
}

async function read(engine: Engine, text: Int32Array, { after, calls, leavesAt }: Reader): Promise<Float32Array> {
  await new Promise((resolve) => setTimeout(resolve, after));
  const sequence = await engine.start({ maxTokens: text.length, ...(calls === null && { prefix: text }) });
  try {
    if (calls === null) return (await sequence.decode(text)).readings;
    const parts: number[] = [];
    const end = Math.max(1, Math.floor(leavesAt * text.length));
    for (let at = 0, call = 0; at < end; call++) {
      const count = calls[call % calls.length] ?? 1;
      parts.push(...(await sequence.decode(text.subarray(at, at + count))).readings);
      at += count;
    }
    return Float32Array.from(parts);
  } finally {
    sequence.close();
  }
}

/** The largest difference in units of the row's spread; position 0 has no reading. */
function farthest(readings: Float32Array, expected: Float32Array | undefined, spread: readonly number[]): number {
  const rows = spread.length;
  expect(readings.length).toBeGreaterThan(0);
  expect(readings.length).toBeLessThanOrEqual(expected?.length ?? 0);
  let most = 0;
  for (let at = rows; at < readings.length; at++)
    most = Math.max(
      most,
      Math.abs((readings[at] ?? Number.NaN) - (expected?.[at] ?? Number.NaN)) / (spread[at % rows] ?? 1),
    );
  return most;
}

/** Standard deviation of each row over all texts. */
function spreadOf(readings: readonly Float32Array[], rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const values = readings.flatMap((one) => [...one].filter((__, at) => at >= rows && at % rows === row));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  });
}

/** Six texts of different lengths, of which three begin alike. */
function textsWithBeginningsInCommon(): Int32Array[] {
  const token = (seed: number, i: number): number => 300 + ((i * i * 31 + i * seed * 7919) % 40_001);
  return [40, 71, 90, 33, 64, 130].map((length, index) =>
    Int32Array.from({ length }, (_, i) => token(index < 3 && i < 30 ? 1 : index + 2, i)),
  );
}
