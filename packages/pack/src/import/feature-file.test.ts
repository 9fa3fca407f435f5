import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readFeatureFile, readFeatureSources, withSource } from "./feature-file.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-features-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(content: string | Buffer, name = "list"): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const EXPLANATIONS = [
  { modelId: "m", layer: "3-res-1k", index: "7", description: "bombs", typeName: "a" },
  { modelId: "m", layer: "3-res-1k", index: "7", description: "explosives", typeName: "b" },
  { modelId: "m", layer: "3-res-1k", index: "12", description: "the theft of cars" },
  { modelId: "m", layer: "3-res-1k", index: "13", description: "flowers" },
];
const EXPORT = EXPLANATIONS.map((line) => `${JSON.stringify(line)}\n`).join("");

describe("a list of features", () => {
  it.each([
    ["labels by index", '{"7": " bombs", "12": "theft"}', ["7 bombs", "12 theft"]],
    ["indices", "[7, 12]", ["7 ", "12 "]],
    ["Neuronpedia's objects", '[{"modelId": "m", "index": "7", "description": "bombs"}]', ["7 bombs"]],
    [
      "what Neuronpedia answers for a list",
      '{"name": "x", "neurons": [{"modelId": "m", "layer": "3-res", "index": "7", "explanations": [{"description": "bombs"}]}]}',
      ["7 bombs"],
    ],
    ["an export of explanations", EXPORT, ["7 bombs", "12 the theft of cars", "13 flowers"]],
    ["one object", '{"index": 7, "label": "bombs"}', ["7 bombs"]],
    ["lines without a heading", "7\n12,theft\n", ["7 ", "12 theft"]],
    [
      "lines with a heading",
      '\ufeffindex,label\r\n7,"bombs, ""dirty""\nones"\r\n12,theft\r\n',
      ['7 bombs, "dirty"\nones', "12 theft"],
    ],
    ["lines whose labels have commas", "7,bombs, and more\n", ["7 bombs, and more"]],
    ["a table with an empty label", "index,label,description\n7,,bombs\n", ["7 bombs"]],
    ["a table in another order", "modelId,description,layer,index\nm,bombs,3-res,7\n", ["7 bombs"]],
  ])("is read: %s", (_, text, expected) => {
    expect(readFeatureFile(write(text)).map(({ index, label }) => `${index} ${label}`)).toEqual(expected);
  });

  it("says of which autoencoder it is, where it does", () => {
    const [source] = readFeatureSources(write(gzipSync(EXPORT)));
    expect(source?.sae).toBe("m/3-res-1k");
    expect(source?.features).toHaveLength(3);
    const two = write('[{"modelId":"m","layer":"3-res","index":1},{"modelId":"m","layer":"4-res","index":1}]');
    expect(readFeatureSources(two).map(({ sae }) => sae)).toEqual(["m/3-res", "m/4-res"]);
    expect(() => readFeatureFile(two)).toThrow(expect.objectContaining({ code: "MODX_USAGE_FEATURES" }));
    const some = write('[{"modelId":"m","layer":"3-res","index":1},{"index":2}]');
    expect(() => withSource(some, readFeatureSources(some), "m/3-res")).toThrow(
      expect.objectContaining({ code: "MODX_USAGE_FEATURES" }),
    );
    expect(withSource(some, readFeatureSources(some), "other").map(({ sae }) => sae)).toEqual(["m/3-res", "other"]);
  });

  it("is narrowed by its labels, which may be another file's", () => {
    const match = ["BOMB", "theft"];
    const found = (path: string, options: object) =>
      readFeatureSources(path, options)[0]?.features.map(({ index, label }) => `${index} ${label}`);
    expect(found(write(EXPORT), { match })).toEqual(["7 bombs", "12 the theft of cars"]);
    const labels = write(EXPORT, "labels");
    const sae = "m/3-res-1k";
    expect(found(write("[12, 99]"), { labels, sae })).toEqual(["12 the theft of cars", "99 "]);
    expect(found(write(EXPORT), { match: ["explosives"] })).toEqual(["7 explosives"]);
    // the same number of another autoencoder is another feature
    for (const of of ["m/4-res-1k", undefined])
      expect(() => found(write("[12]"), { labels, ...(of !== undefined && { sae: of }) })).toThrow(
        expect.objectContaining({ code: "MODX_USAGE_FEATURES", what: expect.stringContaining("m/3-res-1k") }),
      );
    const item = (layer: string, description?: string) => ({ modelId: "m", layer, index: 7, description });
    const both = write(JSON.stringify([item("3-res", "bombs"), item("4-res", "theft")]), "both");
    const unlabelled = write(JSON.stringify([item("3-res"), item("4-res")]));
    const labelled = readFeatureSources(unlabelled, { labels: both });
    expect(labelled.map(({ features }) => features[0]?.label)).toEqual(["bombs", "theft"]);
    expect(() => found(labels, { match: ["poison"] })).toThrow(
      expect.objectContaining({ code: "MODX_USAGE_FEATURES" }),
    );
  });

  it.each<[string, string | Buffer]>([
    ["nothing", "[]"],
    ["no line", ""],
    ["a feature twice", "[7, 7]"],
    ["prose", "the bombs\nand theft"],
    ["broken JSON", '{"7": '],
    ["a negative index", "[-1]"],
    ["half an index", "7.5,bombs"],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x80])],
    ["a damaged archive", gzipSync(EXPORT).subarray(0, 40)],
    ["a whole dictionary", JSON.stringify(Array.from({ length: 20_001 }, (_, index) => index))],
  ])("is refused: %s", (_, text) => {
    expect(() => readFeatureFile(write(text))).toThrow(expect.objectContaining({ code: "MODX_USAGE_FEATURES" }));
  });

  it("is missing where there is no file", () => {
    expect(() => readFeatureFile(join(folder, "none"))).toThrow(
      expect.objectContaining({ code: "MODX_USAGE_FILE_MISSING" }),
    );
  });
});
