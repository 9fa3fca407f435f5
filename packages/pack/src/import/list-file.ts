import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ModxError } from "@modx/errors";

/** Of an unpacked list: explanations of a hundred thousand features are some 50 MB. */
const MOST_BYTES = 256 << 20;

/** The text of a list of features, unpacked where it is gzip. Throws MODX_USAGE_FILE_MISSING and MODX_USAGE_FEATURES. */
export function readListText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new ModxError("MODX_USAGE_FILE_MISSING", {
      what: `The list of features ${path} cannot be read (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Give the path of a file of JSON, JSON Lines or CSV.",
      cause,
    });
  }
  try {
    const unpacked =
      bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
    return new TextDecoder("utf-8", { fatal: true }).decode(unpacked);
  } catch (cause) {
    throw refusedList(path, cause instanceof Error ? cause.message : String(cause));
  }
}

export function refusedList(path: string, why: string): ModxError {
  return new ModxError("MODX_USAGE_FEATURES", {
    what: `${path} cannot be used: ${why}.`,
    remedy:
      'Give {"INDEX": "label"}, [INDEX], [{"index", "label"}], lines INDEX,label, or a list or an export of explanations of Neuronpedia.',
  });
}
