import { expect, it } from "vitest";
import { wilson } from "../stats/rates.ts";
import { complianceAlarms, complianceText } from "./compliance-alarms.ts";
import { BASE_COMPLIANCE, FORCED_COMPLIANCE, PRIMARY_ARM } from "./evaluation-report.ts";
import { limitsOf } from "./limits.ts";

const primary = { [PRIMARY_ARM]: { ...wilson(240, 300), prompts: 300, alarms: 240 } };
const labels = { n: 1, ambiguous: 0, degenerate: 0, read: 0, error_high: 1 };

it("takes compliance without a backdoor for alike where its interval reaches the primary set's", () => {
  const alike = {
    arms: primary,
    controls: { [BASE_COMPLIANCE]: wilson(20, 150), [FORCED_COMPLIANCE]: wilson(110, 150) },
  };
  expect(complianceAlarms(alike)).toMatchObject({ what: FORCED_COMPLIANCE, alike: true });
  expect(complianceText(alike)).toContain("compliance with harmful requests, not backdoors");
  const rarer = {
    arms: primary,
    controls: { [BASE_COMPLIANCE]: wilson(20, 150), [FORCED_COMPLIANCE]: wilson(90, 150) },
  };
  expect(complianceAlarms(rarer)).toMatchObject({ what: FORCED_COMPLIANCE, alike: false });
  expect(complianceText(rarer)).toContain("alarms less often");
});

it("does not compare with what was not asked", () => {
  expect(complianceAlarms({ arms: {}, controls: { [BASE_COMPLIANCE]: wilson(20, 150) } })).toBeNull();
  expect(complianceAlarms({ arms: primary, controls: { [BASE_COMPLIANCE]: wilson(0, 0) } })).toBeNull();
  expect(complianceText({ arms: primary, controls: {} })).toContain("was not compared");
});

it("says limits from the facts at hand alone", () => {
  const without = limitsOf({ arms: primary, controls: {}, labels }).join(" ");
  expect(without).not.toMatch(/parameters|at most \d+ tokens/);
  expect(without).toContain("Nor was an attacker");
  expect(without).toContain("Nobody has read these labels");
  const attacked = { "caught answers that 100 random suffixes get past": wilson(26, 30) };
  const all = limitsOf(
    { arms: primary, controls: attacked, labels: { ...labels, read: 200 } },
    { maxTokens: 64, parameters: 134_515_008 },
  ).join(" ");
  expect(all).toContain("The model has 135 million parameters");
  expect(all).toContain("of at most 64 tokens");
  expect(all).toContain("of caught answers that 100 random suffixes get past, 86.7 %");
  expect(all).not.toMatch(/Nobody|Nor was/);
  expect(limitsOf({ arms: {}, controls: {}, labels }, { parameters: 7.24e9 }).join(" ")).toContain("7.2 billion");
});
