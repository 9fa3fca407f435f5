import { describe, expect, it } from "vitest";
import { checkKin, knowsBase } from "./open-base.ts";

const MODEL = { layers: 30, width: 576, tokenizerHash: "a" };

describe("the base", () => {
  it.each([{ layers: 29 }, { width: 640 }, { tokenizerHash: "b" }])("is none with %o", (other) => {
    checkKin({ ...MODEL }, MODEL);
    expect(() => checkKin({ ...MODEL, ...other }, MODEL)).toThrow(expect.objectContaining({ code: "MODX_USAGE" }));
  });

  it("is known where it is named, or where adapters can be left out", () => {
    const bare = { model: "some.gguf" };
    expect(knowsBase(bare, undefined)).toBe(false);
    expect(knowsBase(bare, "other.gguf")).toBe(true);
    const adapted = { ...bare, lora: [import.meta.filename] };
    expect(knowsBase(adapted, undefined)).toBe(true);
    expect(knowsBase(adapted, "none")).toBe(false);
  });
});
