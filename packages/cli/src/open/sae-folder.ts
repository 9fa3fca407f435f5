import { existsSync } from "node:fs";
import { ModxError } from "@modx/errors";
import { type FetchOptions, openHubFolder } from "@modx/hub";
import {
  type CatalogueEntry,
  cataloguedFolder,
  folderOf,
  localFolder,
  lookUp,
  lookUpPlace,
  type SaeFolder,
  suggest,
} from "@modx/sae";

const HUB = /^(?:hf:|https:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/)/;
/** What a browser's address has between a repository and what lies in it. */
const PAGE = /^([^/]+\/[^/]+)\/(?:tree|blob|resolve)\/([^/#]+)(\/[^#]*)?$/;
/** `release/id` and `model/source`; a path that begins at the root, in this folder or above it is neither. */
const CATALOGUED = /^(?!\.{0,2}\/)[^\\/:]+\/[^\\]+$/;

/**
 * Where an autoencoder lies: a folder on this machine; `hf:USER/REPO/FOLDER[#REVISION]` or its address in a browser, of which only what is
 * needed is read; or a name of the catalogue for one of those. Throws MODX_SAE_UNKNOWN, and what opening a folder throws.
 */
export async function saeFolder(place: string, options: FetchOptions = {}): Promise<SaeFolder> {
  if (HUB.test(place)) {
    const reference = referenceOf(place);
    return hubFolder(reference, lookUpPlace(reference.replace(/#.*$/, "")), options);
  }
  if (existsSync(place) || !CATALOGUED.test(place)) return localFolder(place);
  const entry = lookUp(place);
  if (entry === null) throw unknown(place);
  return hubFolder(`${entry.repo}/${entry.path}`, entry, options);
}

/** `USER/REPO/FOLDER[#REVISION]`. */
function referenceOf(place: string): string {
  const named = place.replace(HUB, "");
  if (!place.startsWith("https:")) return named;
  const address = named.replace(/\?.*$/, "").replace(/\/+$/, "");
  const [, repo, revision = "main", path = ""] = PAGE.exec(address) ?? [];
  if (repo === undefined) return address;
  return `${repo}${path}${revision === "main" ? "" : `#${revision.replaceAll("%2F", "/")}`}`;
}

async function hubFolder(reference: string, entry: CatalogueEntry | null, options: FetchOptions): Promise<SaeFolder> {
  const remote = await openHubFolder(reference, options);
  const folder = folderOf(remote.name, remote.files, (path) => remote.open(path));
  return entry === null ? folder : cataloguedFolder(folder, entry);
}

function unknown(place: string): ModxError {
  const near = suggest(place);
  return new ModxError("MODX_SAE_UNKNOWN", {
    what: `${place} is neither a folder on this machine nor an autoencoder of the catalogue.`,
    remedy: `${near.length === 0 ? "" : `Near it are ${near.join(", ")}. `}\`modx sae list\` has all.`,
  });
}
