export { type Environment, modxCache } from "./cache/folders.ts";
export { DEFAULT_MODEL, type PackagedModel } from "./default-model/default-model.ts";
export { fetchDefaultModel } from "./default-model/packaged-model.ts";
export type { FetchOptions, ResolvedModel } from "./fetch/fetch-options.ts";
export type { OnProgress } from "./fetch/transfer.ts";
export { type HashOptions, sha256OfFile } from "./hash/file-hash.ts";
export { isVetted, markVetted } from "./hash/vetted.ts";
export { type ListedModel, listModels } from "./list-models.ts";
export { type ResolveOptions, resolveModel } from "./resolve-model.ts";
