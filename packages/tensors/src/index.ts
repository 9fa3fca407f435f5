export { floatsToHalves, fromHalf, halvesToFloats, toHalf } from "./half.ts";
export { type Dtype, readSafetensors, type Tensor, writeSafetensors } from "./safetensors.ts";
