import type { Identity, Pack } from "@modx/pack";

/** When a test pack's detectors alarm: never, on the prompt, or at a response token. */
export type AlarmAt = "never" | "prompt" | number;

const TAP = "blocks.10.hook_resid_post";

/**
 * A pack in memory whose one row reads 1 whatever the model thinks (no weights, bias 1), so that a test decides where
 * its detectors alarm. It fits `identity`, and its golden readings hold.
 */
export function testPack(identity: Identity, alarms: readonly AlarmAt[]): Pack {
  const detectors: Pack["manifest"]["detectors"] = alarms.map((at, index) => {
    const over = at === "prompt" ? "last-prompt" : "response";
    // a window that must be full has its first value at its last token
    const threshold = at === "never" ? 1e9 : 0.5;
    const width = typeof at === "number" ? at + 1 : 1;
    return {
      name: `test-${index}`,
      algorithm: "joined-terms",
      version: 1,
      level: "alarm",
      description: "alarms where the test says",
      terms: [{ name: "one", row: "one", over, aggregate: { kind: "window-mean", width, minimum: width }, weight: 1 }],
      bias: 0,
      threshold,
      calibrations: [
        {
          traffic: "benign",
          description: "not calibrated on anything",
          sources: [],
          identity: 0,
          n: 1,
          farStated: 0.01,
          threshold,
          farBound95: 0.99,
          farInForce: 0,
          length: 64,
        },
      ],
    };
  });
  return {
    manifest: {
      schema: 1,
      name: "test",
      description: "for tests",
      identities: [identity],
      readouts: [{ tap: TAP, rows: ["one"] }],
      detectors,
      labels: [],
      provenance: {},
      files: {},
    },
    readouts: [{ tap: TAP, rows: [{ name: "one", weights: new Float32Array(identity.width), bias: 1 }] }],
    baseReadouts: [],
    golden: {
      tokens: Int32Array.of(1, 2),
      readings: [Float32Array.of(Number.NaN, 1)],
      spread: Float32Array.of(1),
    },
    maxima: [],
    seen: new Int32Array(),
    signature: null,
    sha256: "ab".repeat(32),
  };
}

export const TEST_TAPS: readonly string[] = [TAP];
