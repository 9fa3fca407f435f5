import { ModxError } from "@modx/errors";
import { callOf, storedOf } from "./known-calls.ts";
import { Name, type Value } from "./values.ts";

/** What somebody else's pickle may be before it is believed. */
export const MAX_PICKLE_BYTES: number = 64 << 20;
const MAX_STEPS = 4_000_000;
const MAX_DEPTH = 100_000;

const MARK = Symbol("mark");
type Slot = Value | typeof MARK;

/**
 * Reads a pickle without running anything: protocols 2 to 5, the opcodes that data needs, and the few calls of `known-calls.ts`, done by
 * hand. Throws MODX_TENSORS_DAMAGED where it is cut off or makes no sense, and MODX_TENSORS_REFUSED where it asks for anything else.
 */
export function unpickle(bytes: Uint8Array, name: string): Value {
  return new Machine(bytes, name).run();
}

class Machine {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly name: string;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, Value>();
  private at = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.name = name;
    if (bytes.length > MAX_PICKLE_BYTES) throw this.damaged(`it has ${bytes.length} bytes`);
  }

  run(): Value {
    for (let step = 0; step < MAX_STEPS; step++) {
      const opcode = String.fromCharCode(this.byte());
      if (opcode === ".") return this.pop();
      this.step(opcode);
      if (this.stack.length > MAX_DEPTH) throw this.damaged("it is nested too deeply");
    }
    throw this.damaged("it does not end");
  }

  private step(opcode: string): void {
    const { stack } = this;
    switch (opcode) {
      case "\x80":
        if (this.byte() > 5) throw this.damaged("its protocol is newer than 5");
        return;
      case "\x95":
        this.take(8);
        return;
      case "(":
        stack.push(MARK);
        return;
      case "0":
        this.pop();
        return;
      case "N":
        stack.push(null);
        return;
      case "\x88":
      case "\x89":
        stack.push(opcode === "\x88");
        return;
      case "K":
        stack.push(this.byte());
        return;
      case "M":
        stack.push(this.view.getUint16(this.take(2), true));
        return;
      case "J":
        stack.push(this.view.getInt32(this.take(4), true));
        return;
      case "\x8a":
        stack.push(this.long(this.byte()));
        return;
      case "G":
        stack.push(this.view.getFloat64(this.take(8)));
        return;
      case "\x8c":
        stack.push(this.text(this.byte()));
        return;
      case "X":
        stack.push(this.text(this.view.getUint32(this.take(4), true)));
        return;
      case "C":
        stack.push(this.raw(this.byte()));
        return;
      case "B":
        stack.push(this.raw(this.view.getUint32(this.take(4), true)));
        return;
      case ")":
      case "]":
        stack.push([]);
        return;
      case "}":
        stack.push(new Map());
        return;
      case "t":
        stack.push(this.popToMark());
        return;
      case "\x85":
      case "\x86":
      case "\x87":
        this.tuple(opcode.charCodeAt(0) - 0x84);
        return;
      case "a":
        this.append([this.pop()]);
        return;
      case "e":
        this.append(this.popToMark());
        return;
      case "s": {
        const value = this.pop();
        this.setItems([this.pop(), value]);
        return;
      }
      case "u":
        this.setItems(this.popToMark());
        return;
      case "c":
        stack.push(new Name(`${this.line()}.${this.line()}`));
        return;
      case "\x93": {
        const last = this.pop();
        const module = this.pop();
        if (typeof module !== "string" || typeof last !== "string") throw this.damaged("it names what is no name");
        stack.push(new Name(`${module}.${last}`));
        return;
      }
      case "q":
      case "r":
        this.memo.set(opcode === "q" ? this.byte() : this.view.getUint32(this.take(4), true), this.top());
        return;
      case "\x94":
        this.memo.set(this.memo.size, this.top());
        return;
      case "h":
      case "j":
        stack.push(this.remembered(opcode === "h" ? this.byte() : this.view.getUint32(this.take(4), true)));
        return;
      case "Q":
        stack.push(this.stored());
        return;
      case "R":
        stack.push(this.call());
        return;
      case "b":
        this.build();
        return;
      default:
        throw this.refused(`it holds the opcode 0x${opcode.charCodeAt(0).toString(16)}`);
    }
  }

  private call(): Value {
    const args = this.pop();
    const callee = this.pop();
    const result = callOf(callee, args);
    if (result === undefined) throw this.refused(`it asks to call ${callee instanceof Name ? callee.path : "a value"}`);
    return result;
  }

  private stored(): Value {
    const result = storedOf(this.pop());
    if (result === undefined) throw this.refused("it refers to something that is no storage of numbers");
    return result;
  }

  /** torch gives its dictionaries attributes, which say nothing about the numbers. */
  private build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw this.refused("it asks to build an object");
  }

  private append(values: readonly Value[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.damaged("it appends to what is no list");
    for (const value of values) list.push(value);
  }

  private setItems(items: readonly Value[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.damaged("it sets items of what is no dictionary");
    for (let i = 0; i < items.length; i += 2) map.set(items[i] ?? null, items[i + 1] ?? null);
  }

  private tuple(length: number): void {
    const values = Array.from({ length }, () => this.pop());
    this.stack.push(values.reverse());
  }

  private remembered(key: number): Value {
    const value = this.memo.get(key);
    if (value === undefined) throw this.damaged("it refers to what it has not said");
    return value;
  }

  private top(): Value {
    const slot = this.stack.at(-1);
    if (slot === undefined || slot === MARK) throw this.damaged("it takes what is not there");
    return slot;
  }

  private pop(): Value {
    const slot = this.top();
    this.stack.pop();
    return slot;
  }

  private popToMark(): Value[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.damaged("a mark is missing");
    const values = this.stack.splice(mark);
    return values.slice(1) as Value[];
  }

  /** Moves on by `count` bytes; returns where they begin. */
  private take(count: number): number {
    const from = this.at;
    if (from + count > this.bytes.length) throw this.damaged("it is cut off");
    this.at += count;
    return from;
  }

  private byte(): number {
    return this.view.getUint8(this.take(1));
  }

  private raw(length: number): Uint8Array {
    const from = this.take(length);
    return this.bytes.subarray(from, from + length);
  }

  private text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.damaged("it is cut off");
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** A little-endian two's complement number of any length; one that a number cannot hold stays big. */
  private long(length: number): number | bigint {
    let value = 0n;
    const bytes = this.raw(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    if (length > 0 && (bytes[length - 1] ?? 0) >= 0x80) value -= 1n << BigInt(8 * length);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  private damaged(why: string): ModxError {
    return new ModxError("MODX_TENSORS_DAMAGED", {
      what: `${this.name} is not a whole pickle: ${why}.`,
      remedy: "Get the file again.",
    });
  }

  private refused(why: string): ModxError {
    return new ModxError("MODX_TENSORS_REFUSED", {
      what: `${this.name} is not read: ${why}, and a pickle that does more than hold tensors is not trusted.`,
      remedy: "Convert it to safetensors where you trust it, and give that.",
    });
  }
}
