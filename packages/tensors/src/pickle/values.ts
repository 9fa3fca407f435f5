/** What a pickle may hold here. A name of Python's is only a name: nothing is imported, nothing is run. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value[]
  | Map<Value, Value>
  | Name
  | Stored
  | PickledTensor;

/** A class or function that the pickle names. */
export class Name {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** What lies beside the pickle in the archive. */
export class Stored {
  /** Name of the storage's type, for example `torch.FloatStorage`. */
  readonly type: string;
  readonly key: string;
  /** Numbers in it. */
  readonly length: number;
  constructor(type: string, key: string, length: number) {
    this.type = type;
    this.key = key;
    this.length = length;
  }
}

/** A view of a storage: offset, sizes and strides in numbers. */
export class PickledTensor {
  readonly storage: Stored;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: Stored, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}
