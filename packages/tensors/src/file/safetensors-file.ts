import { type ByteSource, damaged } from "../bytes/byte-source.ts";
import { ELEMENTS, type Element } from "../elements.ts";
import { MAX_HEADER_BYTES, parseHeader, placeOf } from "../safetensors-header.ts";
import { type Place, type TensorFile, tensorFile } from "./tensor-file.ts";

/** Opens a safetensors file by its header alone. Throws MODX_TENSORS_DAMAGED. */
export async function openSafetensors(source: ByteSource): Promise<TensorFile> {
  const fail = (why: string): Error => damaged(source.name, why);
  if (source.size < 8) throw fail("it is shorter than its header's length field");
  const head = await source.read(0, 8);
  const headerBytes = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > source.size)
    throw fail(`its header claims ${headerBytes} bytes`);
  const begin = 8 + headerBytes;
  const places = new Map<string, Place>();
  for (const [name, entry] of Object.entries(parseHeader(await source.read(8, headerBytes), fail))) {
    if (name === "__metadata__") continue;
    const { element, shape, start } = placeOf(name, entry, source.size - begin, ELEMENTS, fail);
    places.set(name, { element: element as Element, shape, offset: begin + start, source: async () => source });
  }
  return tensorFile(source, places);
}
