import { Name, PickledTensor, Stored, type Value } from "./values.ts";

/** The only calls that a pickle may ask for, each done by hand: what torch.save writes for a dictionary of tensors. */
const CALLS: Readonly<Record<string, (args: readonly Value[]) => Value | undefined>> = {
  "collections.OrderedDict": (args) => (args.length === 0 ? new Map() : undefined),
  "torch._utils._rebuild_tensor_v2": ([storage, offset, shape, strides]) =>
    storage instanceof Stored &&
    isCount(offset) &&
    isCounts(shape) &&
    isCounts(strides) &&
    shape.length === strides.length
      ? new PickledTensor(storage, offset, shape, strides)
      : undefined,
  "torch._utils._rebuild_parameter": ([tensor]) => (tensor instanceof PickledTensor ? tensor : undefined),
  "torch.Size": ([shape]) => (isCounts(shape) ? shape : undefined),
};

/** What the call gives; undefined where it is not one of the known ones, or not with these arguments. */
export function callOf(callee: Value | undefined, args: Value | undefined): Value | undefined {
  if (!(callee instanceof Name) || !Array.isArray(args) || !Object.hasOwn(CALLS, callee.path)) return undefined;
  return CALLS[callee.path]?.(args);
}

/** `("storage", type, key, location, length)`, which is how torch refers to numbers beside the pickle. */
export function storedOf(id: Value | undefined): Stored | undefined {
  if (!Array.isArray(id)) return undefined;
  const [kind, type, key, , length] = id;
  return kind === "storage" && type instanceof Name && typeof key === "string" && isCount(length)
    ? new Stored(type.path, key, length)
    : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 8 && value.every(isCount);
}
