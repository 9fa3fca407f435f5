import { checkSignable, createKey, readPrivateKey, signPack } from "@modx/pack";
import type { Command } from "commander";
import { usage } from "../../options/option.ts";

interface SignFlags {
  key?: string;
  newKey?: string;
}

export function addSign(pack: Command): void {
  pack
    .command("sign")
    .description("sign a pack as it is with an Ed25519 key; whoever trusts its public half checks it with --trust")
    .argument("<dir>")
    .option("--key <file>", "private key in PEM")
    .option("--new-key <file>", "make one first, FILE, and its public half, FILE.pub")
    .action((folder: string, { key, newKey }: SignFlags) => {
      const path = newKey ?? key;
      if (path === undefined || (newKey !== undefined && key !== undefined))
        throw usage("Signing needs one key.", "Give --key FILE, or --new-key FILE for a new one.");
      // a key that is made for nothing would be in the way of the next try
      checkSignable(folder);
      if (newKey !== undefined) createKey(newKey);
      const signature = signPack(folder, readPrivateKey(path));
      process.stdout.write(`signed with the key ${signature.key}\n`);
    });
}
