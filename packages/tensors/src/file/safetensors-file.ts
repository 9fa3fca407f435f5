import { type ByteSource, damaged } from "../bytes/byte-source.ts";
import { ELEMENTS } from "../elements.ts";
import { checkApart, headerLength, LENGTH_BYTES, parseHeader, placeOf } from "../safetensors-header.ts";
import { type Place, type TensorFile, tensorFile } from "./tensor-file.ts";

/** Opens a safetensors file by its header alone. Throws MODX_TENSORS_DAMAGED. */
export async function openSafetensors(source: ByteSource): Promise<TensorFile> {
  const fail = (why: string): Error => damaged(source.name, why);
  const head = await source.read(0, Math.min(LENGTH_BYTES, source.size));
  const headerBytes = headerLength(head, source.size, fail);
  const begin = LENGTH_BYTES + headerBytes;
  const places = Object.entries(parseHeader(await source.read(LENGTH_BYTES, headerBytes), fail))
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => ({ name, ...placeOf(name, entry, source.size - begin, ELEMENTS, fail) }));
  checkApart(places, fail);
  return tensorFile(
    source,
    new Map(
      places.map(({ name, element, shape, start }): [string, Place] => [
        name,
        { element, shape, offset: begin + start, source },
      ]),
    ),
  );
}
