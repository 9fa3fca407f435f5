import { createHash, type KeyObject, sign } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { filesOf } from "../format/pack-files.ts";
import { readManifest } from "../format/read-manifest.ts";
import { publicText } from "./keys.ts";
import { SIGNATURE_FILE, type Signature, signedMessage } from "./signature.ts";

/** Signs the pack in `folder` as it is; another signature is replaced. Throws MODX_PACK_MISSING, MODX_PACK_SCHEMA and MODX_PACK_DAMAGED. */
export function signPack(folder: string, key: KeyObject): Signature {
  // nobody signs what is damaged
  const { bytes } = readManifest(filesOf(folder));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const publicKey = publicText(key);
  const signature = sign(null, signedMessage(sha256), key).toString("base64");
  const path = join(folder, SIGNATURE_FILE);
  writeFileSync(`${path}.unfinished`, `${JSON.stringify({ algorithm: "ed25519", publicKey, signature }, null, 2)}\n`);
  renameSync(`${path}.unfinished`, path);
  return { key: publicKey };
}

/** Throws MODX_PACK_SIGNATURE where a pack is not signed with one of the keys that its owner trusts. */
export function checkTrusted(name: string, signature: Signature | null, trusted: readonly string[]): void {
  if (signature !== null && trusted.includes(signature.key)) return;
  throw new ModxError("MODX_PACK_SIGNATURE", {
    what:
      signature === null
        ? `The pack ${name} is not signed, and only signed ones are trusted.`
        : `The pack ${name} is signed with another key than those that are trusted.`,
    remedy: "Get it from whoever holds the key that is named with --trust, or leave that out.",
  });
}
