import { type Guard, type RunningFiles, runningIdentity } from "@modx/guard";

/** All that a watched answer depends on, but for its prompt and its length: what runs, what watches, and the base that is asked. */
export function answerSettings({ engine, packs, base, exact, policy }: Guard, files: RunningFiles): object {
  return {
    running: runningIdentity(engine, files),
    device: engine.properties.device,
    base: base === null ? null : runningIdentity(base.engine, base.files),
    exact,
    policy,
    // a draft's detectors may be other ones than its file has
    packs: packs.map(({ sha256, manifest }) => ({ sha256, detectors: manifest.detectors })),
  };
}
