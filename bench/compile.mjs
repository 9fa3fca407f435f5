// Compiles a C++ program of this folder against the headers and libraries that modx itself runs on.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { librariesFolder, libraryFiles } from "../packages/engine/dist/index.js";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Compiles `name`.cc into `folder`; gives the path of the program. */
export function compile(name, folder) {
  const libraries = librariesFolder();
  const { commit } = JSON.parse(readFileSync(join(HERE, "../packages/engine/native/llama-cpp.json"), "utf8"));
  const headers = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "modx", "llama.cpp", commit);
  const program = join(folder, name);
  execFileSync("c++", [
    "-std=c++17",
    "-O2",
    `-I${headers}/include`,
    `-I${headers}/ggml/include`,
    join(HERE, `${name}.cc`),
    ...libraryFiles(libraries),
    `-Wl,-rpath,${libraries}`,
    "-o",
    program,
  ]);
  return program;
}
