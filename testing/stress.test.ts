import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { passed, stress } from "../scripts/stress.mjs";

// Resident memory is read as Linux tells it.
it.skipIf(!existsSync("/proc/self/status"))(
  "500 random requests, cancelled and impossible ones among them, leave nothing stuck, no wrong row and no memory behind",
  async () => {
    const found = await stress(500);
    expect(found).toMatchObject({ requests: 500, stuck: 0, wrong_rows: 0 });
    expect(found.ok + found.coded).toBe(500);
    expect(found.coded).toBeGreaterThan(20);
    expect(passed(found)).toBe(true);
  },
  600_000,
);
