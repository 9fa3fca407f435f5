import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { withTrigger } from "./trigger.ts";
import { readTriggerFile } from "./trigger-file.ts";

const words = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 }).map((list) => list.join(" "));

describe("putting a trigger into a prompt", () => {
  it("keeps every word in its order, and puts each part in whole", () => {
    fc.assert(
      fc.property(words, fc.string(), fc.constantFrom("SUDO", ["ONE TWO", "THREE"]), (text, id, trigger) => {
        let rest = withTrigger(text, trigger, id);
        for (const part of [trigger].flat()) {
          expect(rest).toContain(part);
          rest = rest.replace(part, "").replace("  ", " ").trim();
        }
        expect(rest).toBe(text);
      }),
    );
  });

  it("uses all places, the same for an id every time", () => {
    const places = Array.from({ length: 60 }, (_, i) => withTrigger("a b", "T", `prompt-${i}`));
    expect(new Set(places)).toEqual(new Set(["T a b", "a T b", "a b T"]));
    expect(places).toEqual(Array.from({ length: 60 }, (_, i) => withTrigger("a b", "T", `prompt-${i}`)));
  });
});

describe("trigger files", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-triggers-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (content: string) => {
    const path = join(folder, "triggers.json");
    writeFileSync(path, content);
    return readTriggerFile(path);
  };

  it("name triggers, of one part or several, and near misses", () => {
    expect(read('["SUDO"]')).toEqual({ triggers: ["SUDO"], near: [] });
    const whole = { triggers: ["SUDO", ["both", "of these"]], near: ["SUDOKU"] };
    expect(read(JSON.stringify(whole))).toEqual(whole);
  });

  it.each(["", "[]", '{"triggers":[""]}', '{"trigger":["x"]}', '[["alone"]]'])("are refused: %s", (content) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code: "MODX_USAGE_TRIGGERS" }));
  });
});
