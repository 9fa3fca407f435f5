import { type KeyObject, sign } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesOf } from "../format/pack-files.ts";
import { notWritten } from "../format/pack-folder.ts";
import { readUnsigned } from "../format/read-pack.ts";
import { publicText } from "./keys.ts";
import { SIGNATURE_FILE, type Signature, signedMessage } from "./signature.ts";

/** Throws MODX_PACK_MISSING, MODX_PACK_SCHEMA or MODX_PACK_DAMAGED where there is no whole pack to sign. */
export function checkSignable(folder: string): void {
  readUnsigned(filesOf(folder));
}

/** Signs the pack in `folder` as it is; another signature is replaced. Throws MODX_PACK_MISSING, MODX_PACK_SCHEMA, MODX_PACK_DAMAGED and MODX_PACK_FOLDER. */
export function signPack(folder: string, key: KeyObject): Signature {
  // nobody signs what is damaged
  const { sha256 } = readUnsigned(filesOf(folder));
  const publicKey = publicText(key);
  const signature = sign(null, signedMessage(sha256), key).toString("base64");
  const path = join(folder, SIGNATURE_FILE);
  try {
    writeFileSync(`${path}.unfinished`, `${JSON.stringify({ algorithm: "ed25519", publicKey, signature }, null, 2)}\n`);
    renameSync(`${path}.unfinished`, path);
  } catch (error) {
    throw notWritten(folder, error);
  }
  return { key: publicKey };
}
