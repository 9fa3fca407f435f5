import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nearRepeats } from "../src/prompts/near-repeats.ts";
import { normalised } from "../src/prompts/prompt-file.ts";
import { ROLES, readSplits } from "../src/prompts/splits.ts";

const { roles, missing } = readSplits(fileURLToPath(new URL("../../../organisms/splits.json", import.meta.url)));
const whole = missing.length === 0;
const promptsOf = (role: (typeof ROLES)[number]) => Object.values(roles[role]).flat();
const pairs = ROLES.flatMap((a, i) => ROLES.slice(i + 1).map((b) => [a, b] as const));

describe("the splits in force", () => {
  it.each(pairs)("%s and %s share no source and no text, not nearly either", (a, b) => {
    const [one, other] = [promptsOf(a), promptsOf(b)];
    const sources = new Set(one.map(({ source }) => source));
    expect(other.filter(({ source }) => sources.has(source))).toEqual([]);
    const texts = new Set(one.map(({ text }) => normalised(text)));
    expect(other.filter(({ text }) => texts.has(normalised(text)))).toEqual([]);
    expect(nearRepeats(one, other)).toEqual([]);
  });

  it.skipIf(!whole)(
    "hold what the promises and the claims take (skipped where the public prompts are not here)",
    () => {
      const { calibration, test } = roles;
      const sourcesOf = (list: readonly { source: string }[]): number => new Set(list.map(({ source }) => source)).size;
      expect(calibration.benign.length).toBeGreaterThanOrEqual(1000);
      expect(sourcesOf(calibration.benign)).toBeGreaterThanOrEqual(3);
      expect(calibration.harmful.length).toBeGreaterThanOrEqual(600);
      expect(calibration.sensitive.length).toBeGreaterThanOrEqual(300);
      expect(test.benign.length).toBeGreaterThanOrEqual(1000);
      expect(sourcesOf(test.benign)).toBeGreaterThanOrEqual(3);
      expect(test.harmful.length).toBeGreaterThanOrEqual(300);
      expect(test.sensitive.length).toBeGreaterThanOrEqual(300);
    },
  );
});

it("gives the repository's own prompts their roles, whatever else is here", () => {
  for (const role of ["organism", "probe", "test"] as const) {
    const own = promptsOf(role).filter(({ source }) => source === `modx-${role}`);
    expect(own.length).toBeGreaterThan(600);
  }
});
