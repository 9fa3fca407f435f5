import { createHash, timingSafeEqual } from "node:crypto";
import { ModxError } from "@modx/errors";

/** The keys that open `/v1`; without any it is open to everybody. */
export class ApiKeys {
  private readonly hashes: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.hashes = keys.map(hash);
  }

  /** Compares hashes with all keys in constant time, so that neither a key's length nor its beginning can be timed. */
  accepts(authorization: string | undefined): boolean {
    if (this.hashes.length === 0) return true;
    const given = hash(/^Bearer +(.+)$/i.exec(authorization ?? "")?.[1]?.trim() ?? "");
    let found = false;
    for (const known of this.hashes) found = timingSafeEqual(known, given) || found;
    return found;
  }

  /** Throws MODX_SERVER_KEY. */
  check(authorization: string | undefined): void {
    if (this.accepts(authorization)) return;
    throw new ModxError("MODX_SERVER_KEY", {
      what: "The API key is missing or wrong.",
      remedy: "Send a key of this server as: Authorization: Bearer KEY",
    });
  }
}

function hash(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
