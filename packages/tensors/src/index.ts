export { type ByteSource, bytesInMemory, openBytes } from "./bytes/byte-source.ts";
export { openNpz } from "./file/npz-file.ts";
export { openSafetensors } from "./file/safetensors-file.ts";
export type { TensorFile } from "./file/tensor-file.ts";
export { openTorch } from "./file/torch-file.ts";
export { floatsToHalves, fromHalf, halvesToFloats, toHalf } from "./half.ts";
export { type Dtype, readSafetensors, type Tensor, writeSafetensors } from "./safetensors.ts";
