import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { ModxError } from "@modx/errors";

/**
 * Writes a new Ed25519 key to `path` (PKCS 8 in PEM, readable by its owner alone) and its public half to `path`.pub. Throws
 * MODX_PACK_KEY where a file is there already.
 */
export function createKey(path: string): void {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  try {
    writeFileSync(path, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600, flag: "wx" });
    writeFileSync(`${path}.pub`, publicKey.export({ format: "pem", type: "spki" }), { flag: "wx" });
  } catch (cause) {
    throw new ModxError("MODX_PACK_KEY", {
      what: `No new key can be written to ${path} (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Name a file that is not there yet, in a folder that you may write to.",
      cause,
    });
  }
}

/** A private key, as `createKey` or `openssl genpkey -algorithm ed25519` writes it. Throws MODX_PACK_KEY. */
export function readPrivateKey(path: string): KeyObject {
  return ed25519(path, createPrivateKey, "a private key");
}

/** A public key, base64 of its SubjectPublicKeyInfo, from the public or the private file. Throws MODX_PACK_KEY. */
export function readPublicKey(path: string): string {
  return publicText(ed25519(path, createPublicKey, "a key"));
}

export function publicText(key: KeyObject): string {
  return (key.type === "private" ? createPublicKey(key) : key)
    .export({ format: "der", type: "spki" })
    .toString("base64");
}

function ed25519(path: string, parse: (text: string) => KeyObject, what: string): KeyObject {
  try {
    const key = parse(readFileSync(path, "utf8"));
    if (key.asymmetricKeyType === "ed25519") return key;
    throw new Error(`it is one of ${key.asymmetricKeyType}`);
  } catch (cause) {
    throw new ModxError("MODX_PACK_KEY", {
      what: `${path} is not ${what} of Ed25519 in PEM (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Make one with: modx pack sign DIR --new-key FILE",
      cause,
    });
  }
}
