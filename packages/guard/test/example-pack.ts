import type { Engine } from "@modx/engine";
import type { JoinedTermsSpec, Pack } from "@modx/pack";
import { type RunningFiles, runningIdentity } from "../src/open/running-identity.ts";

export const FILES: RunningFiles = { modelSha256: "a".repeat(64), adapters: [] };
export const TAP = "blocks.12.hook_resid_post";

/**
 * A pack for the engine at hand with one row that reads a single coordinate of the residual, and detectors over it with
 * thresholds that the test chooses. Its golden readings are what the engine reads now.
 */
export async function examplePack(
  engine: Engine,
  detectors: readonly Pick<JoinedTermsSpec, "name" | "level" | "threshold" | "terms">[],
): Promise<Pack> {
  const weights = new Float32Array(engine.model.width);
  weights[7] = 1;
  await engine.bind([{ tap: "blocks.12.hook_resid_post", rows: [{ name: "coordinate", weights, bias: 0 }] }]);
  const { tokens } = await engine.prompt([{ role: "user", content: "Golden readings." }]);
  const sequence = await engine.start({ maxTokens: tokens.length });
  const { readings } = await sequence.decode(tokens);
  sequence.close();
  const finite = readings.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const spread = Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / finite.length);
  return {
    signature: null,
    sha256: "b".repeat(64),
    maxima: [],
    seen: new Int32Array(),
    readouts: [{ tap: TAP, rows: [{ name: "coordinate", weights, bias: 0 }] }],
    baseReadouts: [],
    golden: { tokens, readings: [readings], spread: Float32Array.of(spread) },
    manifest: {
      schema: 1,
      name: "example",
      description: "",
      identities: [runningIdentity(engine, FILES)],
      readouts: [{ tap: TAP, rows: ["coordinate"] }],
      detectors: detectors.map((detector) => ({
        ...detector,
        algorithm: "joined-terms",
        version: 1,
        description: "",
        bias: 0,
        calibrations: [
          {
            traffic: "benign",
            description: "",
            sources: [],
            identity: 0,
            n: 1000,
            farStated: 0.01,
            threshold: detector.threshold ?? 0,
            farBound95: 0.02,
            farInForce: 0.01,
            length: 16,
          },
        ],
      })),
      labels: [],
      provenance: {},
      files: {},
    },
  };
}

const LAST = { kind: "window-mean", width: 1, minimum: 1 } as const;

/** The reading of the token itself. */
export const ON_RESPONSE: JoinedTermsSpec["terms"] = [
  { name: "token", row: "coordinate", over: "response", aggregate: LAST, weight: 1 },
];
/** The mean reading over the user's tokens. */
export const ON_USER: JoinedTermsSpec["terms"] = [
  { name: "user", row: "coordinate", over: "user", aggregate: { kind: "mean" }, weight: 1 },
];
