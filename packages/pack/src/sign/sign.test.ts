import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readPack } from "../format/read-pack.ts";
import { writePack } from "../format/write-pack.ts";
import { CONTENTS } from "../testing/example.ts";
import { createKey, readPrivateKey, readPublicKey } from "./keys.ts";
import { signPack } from "./sign-pack.ts";
import { checkTrusted, SIGNATURE_FILE } from "./signature.ts";

const root = mkdtempSync(join(tmpdir(), "modx-sign-"));
const [folder, key, other] = [join(root, "pack"), join(root, "key"), join(root, "other")];
createKey(key);
createKey(other);
beforeEach(() => writePack(folder, CONTENTS));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const code = (name: string) => expect.objectContaining({ code: name });

describe("a signed pack", () => {
  it("says whose key it was, and is trusted for that key alone", () => {
    expect(readPack(folder).signature).toBeNull();
    signPack(folder, readPrivateKey(key));
    const { signature } = readPack(folder);
    expect(signature?.key).toBe(readPublicKey(`${key}.pub`));
    expect(readPublicKey(key)).toBe(readPublicKey(`${key}.pub`));
    checkTrusted("example", signature, [readPublicKey(other), readPublicKey(key)]);
    expect(() => checkTrusted("example", signature, [readPublicKey(other)])).toThrow(code("MODX_PACK_SIGNATURE"));
    expect(() => checkTrusted("example", null, [readPublicKey(key)])).toThrow(code("MODX_PACK_SIGNATURE"));
  });

  it("is refused once anything in it was changed", () => {
    signPack(folder, readPrivateKey(key));
    const manifest = join(folder, "pack.json");
    writeFileSync(
      manifest,
      readFileSync(manifest, "utf8").replace('"description": "an example"', '"description": "an xample"'),
    );
    expect(() => readPack(folder)).toThrow(code("MODX_PACK_SIGNATURE"));
  });

  it("is refused with another pack's signature, another signer's, and one that is no signature", () => {
    signPack(folder, readPrivateKey(key));
    const path = join(folder, SIGNATURE_FILE);
    const signed = readFileSync(path, "utf8");
    writePack(folder, { ...CONTENTS, card: "# Another\n" });
    for (const text of [
      signed,
      "{}",
      "no JSON",
      signed.replace("ed25519", "none"),
      signed.replace(readPublicKey(key), readPublicKey(other)),
    ]) {
      writeFileSync(path, text);
      expect(() => readPack(folder)).toThrow(code("MODX_PACK_SIGNATURE"));
    }
  });

  it("is not made of what is damaged, and loses its signature when it is written anew", () => {
    signPack(folder, readPrivateKey(key));
    writePack(folder, CONTENTS);
    expect(readPack(folder).signature).toBeNull();
    writeFileSync(join(folder, "card.md"), "changed");
    expect(() => signPack(folder, readPrivateKey(key))).toThrow(code("MODX_PACK_DAMAGED"));
  });
});

describe("a key", () => {
  it("is written once, for its owner alone", () => {
    expect(statSync(key).mode & 0o077).toBe(0);
    const before = readFileSync(key, "utf8");
    expect(() => createKey(key)).toThrow(code("MODX_PACK_KEY"));
    expect(readFileSync(key, "utf8")).toBe(before);
  });

  it("is one of Ed25519, or refused", () => {
    const rsa = join(root, "rsa");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(rsa, privateKey.export({ format: "pem", type: "pkcs8" }));
    writeFileSync(join(root, "text"), "secret");
    for (const path of [rsa, join(root, "text"), join(root, "none"), `${key}.pub`])
      expect(() => readPrivateKey(path)).toThrow(code("MODX_PACK_KEY"));
  });
});
