import { createHash } from "node:crypto";
import type { ChatMessage, Engine } from "@modx/engine";
import type { Identity } from "@modx/pack";

export interface RunningFiles {
  modelSha256: string;
  adapters: readonly { sha256: string; scale: number }[];
}

/** What runs, in the terms of a pack's fit check. */
export function runningIdentity(
  { model, properties }: Pick<Engine, "model" | "properties">,
  files: RunningFiles,
  systemHash: string | null = null,
): Identity {
  return {
    architecture: model.architecture,
    modelName: model.name,
    layers: model.layers,
    width: model.width,
    tokenizerHash: model.tokenizerHash,
    templateHash: model.templateHash,
    quantisation: model.quantisation,
    modelSha256: files.modelSha256,
    adapters: files.adapters.map(({ sha256, scale }) => ({ sha256, scale })),
    systemHash,
    kvType: properties.kvType,
    engineVersion: model.engineVersion,
  };
}

/** sha256 of the conversation's system messages; null where it has none of its own. */
export function systemHashOf(messages: readonly ChatMessage[]): string | null {
  const system = messages.filter(({ role }) => role === "system" || role === "developer");
  if (system.length === 0) return null;
  return createHash("sha256")
    .update(system.map(({ content }) => content).join("\n"))
    .digest("hex");
}
