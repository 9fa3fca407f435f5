import { expect, it } from "vitest";
import { checkNames } from "./beside.ts";

const pack = (...names: string[]) => ({ manifest: { detectors: names.map((name) => ({ name })) } });

it("lets packs beside have any name but one that is taken", () => {
  const judged = [pack("harmful-compliance")];
  checkNames(judged, [pack("kin"), pack("bound", "bound-2")]);
  // what is judged may have several of a name
  checkNames([...judged, ...judged], [pack("kin")]);
  for (const beside of [[pack("harmful-compliance")], [pack("kin"), pack("kin")], [pack("a", "a-2"), pack("a-2")]])
    expect(() => checkNames(judged, beside)).toThrow(expect.objectContaining({ code: "MODX_USAGE" }));
});
