import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { ModxError } from "@modx/errors";
import { z } from "zod";
import type { PackFiles } from "../format/pack-files.ts";

export const SIGNATURE_FILE = "signature.json";
const MOST_SIGNATURE_BYTES = 4096;

const signatureSchema = z.strictObject({
  algorithm: z.literal("ed25519"),
  /** Of the signer: SubjectPublicKeyInfo in DER, as `openssl pkey -pubout -outform DER` writes it. */
  publicKey: z.base64(),
  signature: z.base64(),
});

/** Who signed a pack. A signature proves that the holder of the key did, and not who that is. */
export interface Signature {
  /** The public key: SubjectPublicKeyInfo in DER, base64. */
  key: string;
}

/** What is signed: `pack.json`, by its hash, which holds the hashes of all other files; the words keep a signature from standing for anything else. */
export function signedMessage(sha256: string): Buffer {
  return Buffer.from(`modx pack 1\n${sha256}\n`);
}

/** Whose signature a pack carries; null where none. Throws MODX_PACK_SIGNATURE where it is not of these files. */
export function checkSignature(files: PackFiles, sha256: string): Signature | null {
  const bytes = files.read(SIGNATURE_FILE, MOST_SIGNATURE_BYTES);
  if (bytes === null) return null;
  const signed = parse(bytes);
  if (signed === null || !verify(null, signedMessage(sha256), signed.key, signed.signature))
    throw new ModxError("MODX_PACK_SIGNATURE", {
      what: `The signature of the pack in ${files.name} is not one of these files.`,
      remedy: "Get the pack again from whoever signed it.",
    });
  return { key: signed.text };
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

function parse(bytes: Uint8Array): { key: KeyObject; text: string; signature: Buffer } | null {
  try {
    const { publicKey, signature } = signatureSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "ed25519") return null;
    return { key, text: publicKey, signature: Buffer.from(signature, "base64") };
  } catch {
    return null;
  }
}
