import type { SaeFolder } from "../source/sae-folder.ts";
import type { CatalogueEntry } from "./entry.ts";

const CONFIG = "cfg.json";

/** A folder with what the catalogue knows of it: where its files say nothing, that holds. */
export function cataloguedFolder(folder: SaeFolder, entry: CatalogueEntry): SaeFolder {
  return {
    ...folder,
    entry,
    json: async (path) => {
      const config = await folder.json(path);
      return path === CONFIG ? completed(config, entry.config) : config;
    },
  };
}

/** Since 6.0 SAELens keeps what belongs to the model below `metadata`. */
function completed(config: unknown, known: CatalogueEntry["config"]): unknown {
  if (typeof config !== "object" || config === null) return config;
  const metadata = (config as Record<string, unknown>)["metadata"];
  return {
    ...config,
    ...known,
    ...(typeof metadata === "object" && { metadata: { ...metadata, ...known } }),
  };
}
