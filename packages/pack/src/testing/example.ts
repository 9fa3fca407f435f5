import type { Identity } from "../format/manifest.ts";
import type { PackContents } from "../format/write-pack.ts";

export const HASH = "0".repeat(64);
export const IDENTITY: Identity = {
  architecture: "llama",
  modelName: "example",
  layers: 4,
  width: 3,
  tokenizerHash: HASH,
  templateHash: HASH,
  quantisation: "Q4_1",
  modelSha256: HASH,
  adapters: [{ sha256: HASH, scale: 1 }],
  systemHash: null,
  kvType: "k:bf16,v:f16",
  engineVersion: "0.5.0",
};

/** Of a small calibrated pack. */
export const CONTENTS: PackContents = {
  manifest: {
    name: "example",
    description: "an example",
    identities: [IDENTITY],
    detectors: [
      {
        name: "compliance",
        algorithm: "joined-terms",
        version: 1,
        level: "alarm",
        description: "",
        bias: 0.5,
        threshold: 2,
        terms: [
          {
            name: "window",
            row: "harm",
            over: "response",
            aggregate: { kind: "window-mean", width: 8, minimum: 2 },
            weight: 1,
          },
        ],
        calibrations: [
          {
            traffic: "benign",
            description: "",
            sources: ["a"],
            identity: 0,
            n: 1000,
            farStated: 0.01,
            threshold: 2,
            farBound95: 0.017,
            farInForce: 0.009,
            length: 128,
          },
        ],
      },
    ],
    labels: [{ what: "all", by: "a rule" }],
    provenance: { made: "by a test" },
  },
  readouts: [
    { tap: "blocks.1.hook_resid_post", rows: [{ name: "harm", weights: Float32Array.of(1, 2, 3), bias: 0.25 }] },
    {
      tap: "blocks.2.hook_resid_post",
      rows: [
        { name: "harm", weights: Float32Array.of(4, 5, 6), bias: 0 },
        { name: "refusal", weights: Float32Array.of(7, 8, 9), bias: -1 },
      ],
    },
  ],
  golden: {
    tokens: Int32Array.of(5, 6),
    readings: [Float32Array.of(Number.NaN, Number.NaN, Number.NaN, 1, 2, 3)],
    spread: Float32Array.of(1, 2, 3),
  },
  maxima: [
    {
      detector: "compliance",
      traffic: "benign",
      identity: 0,
      length: 128,
      sources: ["a"],
      maxima: new Float32Array(1000).fill(1.5).fill(2.5, 991),
    },
  ],
  seen: Int32Array.of(-7, 3, 1 << 30),
  card: "# Example\n",
};
