import { openHubFolder } from "@modx/hub";
import { folderOf, localFolder, type SaeFolder } from "@modx/sae";

const HUB = /^(?:hf:|https:\/\/huggingface\.co\/)/;

/** Where an autoencoder lies: a folder on this machine, or `hf:USER/REPO/FOLDER[#REVISION]`, of which only what is needed is read. */
export async function saeFolder(place: string, { offline }: { offline?: boolean } = {}): Promise<SaeFolder> {
  if (!HUB.test(place)) return localFolder(place);
  const remote = await openHubFolder(place.replace(HUB, ""), { offline });
  return folderOf(remote.name, remote.files, (path) => remote.open(path));
}
