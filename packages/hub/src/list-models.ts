import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileBytes } from "./cache/disk.ts";
import { type Environment, huggingFaceCache, modxCache } from "./cache/folders.ts";
import { HubFolder } from "./cache/hub-folder.ts";
import { DEFAULT_MODEL } from "./default-model/default-model.ts";
import { packagedModelPath } from "./default-model/packaged-model.ts";
import { cachedCommits, cachedFiles } from "./fetch/cached-snapshot.ts";
import { modelFiles } from "./names/choose-gguf.ts";
import { hubName } from "./names/hub-reference.ts";
import { allParts } from "./names/split-file.ts";

export interface ListedModel {
  /** Names the model in every command. */
  name: string;
  /** Where it is, or will be; of a split model the first part. */
  path: string;
  /** Size on disk of all its parts, or of what would be fetched. */
  bytes: number;
  present: boolean;
}

/** The built-in models, then what the caches hold. Looks at names and sizes only; using a model verifies it. */
export async function listModels(env: Environment = process.env): Promise<ListedModel[]> {
  return [await builtIn(env), ...(await ownDownloads(env)), ...(await hubModels(env))];
}

async function builtIn(env: Environment): Promise<ListedModel> {
  const { name, bytes } = DEFAULT_MODEL;
  const path = packagedModelPath(DEFAULT_MODEL, env);
  return { name, path, bytes, present: (await fileBytes(path)) === bytes };
}

/** Files fetched by address are named by their path. */
async function ownDownloads(env: Environment): Promise<ListedModel[]> {
  const root = join(modxCache(env), "models");
  const files = await readdir(root, { recursive: true }).catch(() => []);
  const listed = modelFiles(files).map((file) => whole(join(root, file), join(root, file)));
  const builtInPath = packagedModelPath(DEFAULT_MODEL, env);
  return (await Promise.all(listed)).flatMap((model) => (model === null || model.path === builtInPath ? [] : [model]));
}

async function hubModels(env: Environment): Promise<ListedModel[]> {
  const cache = huggingFaceCache(env);
  const folders = (await readdir(cache).catch(() => [])).filter((name) => /^models--.+--.+$/.test(name)).sort();
  const models: ListedModel[] = [];
  for (const name of folders) {
    const repo = name.slice("models--".length).replaceAll("--", "/");
    const folder = new HubFolder(cache, repo);
    const main = await folder.commitOf("main");
    for (const commit of await cachedCommits(folder)) {
      const revision = commit === main ? "main" : commit;
      const files = (await cachedFiles(folder, commit)).map(({ file }) => file);
      for (const file of modelFiles(files)) {
        const model = await whole(hubName(repo, file, revision), folder.snapshot(commit, file));
        if (model !== null) models.push(model);
      }
    }
  }
  return models;
}

/** A model of which all parts are there. */
async function whole(name: string, path: string): Promise<ListedModel | null> {
  let bytes = 0;
  for (const part of allParts(path)) {
    const size = await fileBytes(part);
    if (size === null) return null;
    bytes += size;
  }
  return { name, path, bytes, present: true };
}
