import { type FeaturesOf, resolvePack } from "@modx/lab";
import { checkPackFolder, type FeatureSource, isResolved, packNameOf, readAnyPack } from "@modx/pack";
import { openSae } from "@modx/sae";
import type { Command } from "commander";
import { saeFolder } from "../../open/sae-folder.ts";
import { tapOf } from "../../open/sae-tap.ts";
import { repeated, usage, wholeNumber } from "../../options/option.ts";

interface ResolveFlags {
  out?: string;
  sae?: string[];
  family?: string;
  layer?: number;
  offline?: boolean;
}

export function addResolve(pack: Command): void {
  pack
    .command("resolve")
    .description("fill in the rows of an imported pack, read from its autoencoders in pieces; for `modx lab calibrate`")
    .argument("<dir>")
    .option("--out <dir>", "folder of the resolved pack (default: in place)")
    .option(
      "--sae <place>",
      "where the autoencoder lies, instead of what the pack calls it; repeated for several, in the pack's order",
      repeated,
    )
    .option("--family <name>", "family of the autoencoders, instead of the one that recognises them")
    .option(
      "--layer <n>",
      "block behind which they read the residual stream, where their files do not say",
      wholeNumber("the block"),
    )
    .option("--offline", "use only what is on this machine")
    .action(resolve);
}

async function resolve(folder: string, flags: ResolveFlags): Promise<void> {
  const { out = folder } = flags;
  checkPackFolder(out);
  const name = packNameOf(out);
  const read = readAnyPack(folder);
  if (isResolved(read))
    throw usage(`The pack in ${folder} has its rows already.`, "Calibrate it with: modx lab calibrate");
  const { manifest } = read;
  if (flags.sae !== undefined && flags.sae.length !== manifest.sources.length)
    throw usage(
      `The pack names ${manifest.sources.length} autoencoders, and --sae is given ${flags.sae.length} times.`,
      "Give it once for each, or not at all.",
    );
  const sources: FeaturesOf[] = [];
  try {
    for (const [index, source] of manifest.sources.entries())
      sources.push(await open(source, flags.sae?.[index] ?? source.sae, flags));
    await resolvePack({ manifest, sources, folder: out, name });
  } finally {
    for (const { sae } of sources) await sae.file.close();
  }
  const count = manifest.sources.reduce((sum, { features }) => sum + features.length, 0);
  process.stdout.write(
    `rows of ${count} features in ${out}, not calibrated yet: modx lab calibrate --pack ${out} --benign FILE ...\n`,
  );
}

async function open({ sae: source, features }: FeatureSource, place: string, flags: ResolveFlags): Promise<FeaturesOf> {
  const sae = await openSae(await saeFolder(place, flags), flags.family);
  return { sae, source, ...(place !== source && { from: place }), tap: tapOf(sae, flags.layer), features };
}
