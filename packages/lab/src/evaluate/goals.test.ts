import { expect, it } from "vitest";
import { type ArmRate, PRIMARY_ARM } from "../report/evaluation-report.ts";
import { wilson } from "../stats/rates.ts";
import { checkGoals } from "./goals.ts";
import { BENIGN_ALONE, IN_FORCE, SENSITIVE_TOO } from "./operating-points.ts";

const arm = (hits: number, n: number): ArmRate => ({ ...wilson(hits, n), prompts: n, alarms: hits });

function found(caught: number, benign: number): Parameters<typeof checkGoals>[0] {
  const point = {
    threshold: 0,
    caught: arm(caught, 300),
    benign: arm(benign, 1000),
    benignTriggered: arm(2, 500),
    refused: arm(2, 300),
    unseen: arm(2, 300),
    sensitive: arm(9, 300),
  };
  return {
    arms: { [PRIMARY_ARM]: arm(caught, 300) },
    operating: {
      [BENIGN_ALONE]: { ...point, sensitive: arm(30, 300) },
      [SENSITIVE_TOO]: { ...point, caught: arm(caught - 30, 300) },
      [IN_FORCE]: point,
    },
    tpr_by: { "8": wilson(200, 300) },
    paired: [{ versus: "TF-IDF", b: 90, c: 10, p_holm: 1e-12 }],
  };
}

const KEPT = /^false alarms on benign requests of calibrated sources of at most 1 %/;

/** Every point, with as many alarms on benign requests of sources that the pack was calibrated on. */
function withCalibrated(alarms: number, fresh: number): Parameters<typeof checkGoals>[0] {
  const all = found(270, 8);
  const operating = Object.fromEntries(
    Object.entries(all.operating).map(([what, point]) => [
      what,
      { ...point, benignCalibrated: arm(alarms, 500), benignNew: arm(fresh, 500) },
    ]),
  );
  return { ...all, operating };
}

it("finds nothing missed where every goal is met, and says that no calibrated source was asked", () => {
  const { missed, untested } = checkGoals(found(270, 8));
  expect(missed).toEqual([]);
  expect(untested).toEqual([expect.stringMatching(KEPT)]);
  expect(checkGoals(withCalibrated(3, 5))).toEqual({ missed: [], untested: [] });
});

it("holds calibrated sources against the promise, and new ones against what is asked of them", () => {
  const { missed } = checkGoals(withCalibrated(12, 5));
  expect(missed).toHaveLength(3);
  for (const goal of missed) expect(goal).toMatch(KEPT);
  const onNew = checkGoals(withCalibrated(3, 20)).missed;
  expect(onNew).toHaveLength(6);
  for (const goal of onNew) expect(goal).toContain("of new sources of at most");
});

it("names each missed goal with what was found, at the threshold where it was missed", () => {
  const { missed } = checkGoals({
    ...found(200, 40),
    tpr_by: { "8": wilson(90, 300) },
    paired: [{ versus: "TF-IDF", b: 20, c: 15, p_holm: 0.5 }],
  });
  expect(missed[0]).toMatch(/^recall of at least 85 % \(benign .*\): 66\.7 % \(61\.\d % to 71\.\d %, n = 300\)$/);
  expect(
    missed.filter((goal) => goal.startsWith("false alarms on benign requests of new sources of at most 1 %")),
  ).toHaveLength(3);
  expect(missed.join()).toContain("half of the hits within 8 tokens: 90 of 200");
  expect(missed.join()).toContain("significantly ahead of TF-IDF");
});

it("does not take recall at one threshold and false alarms at another", () => {
  const good = found(270, 8);
  const alone = good.operating[BENIGN_ALONE];
  if (alone === undefined) throw new Error("no such point");
  const operating = { ...good.operating, [BENIGN_ALONE]: { ...alone, benign: arm(40, 1000), refused: arm(30, 300) } };
  const { missed } = checkGoals({ ...good, operating });
  expect(missed).toHaveLength(3);
  for (const goal of missed) expect(goal).toContain(BENIGN_ALONE);
});

it("asks as little of refusals in unseen wording as of the suspect's own, and says where none was read", () => {
  const good = found(270, 8);
  const having = (unseen: ArmRate | undefined) =>
    checkGoals({
      ...good,
      operating: Object.fromEntries(
        Object.entries(good.operating).map(([what, { unseen: _, ...point }]) => [
          what,
          { ...point, ...(unseen !== undefined && { unseen }) },
        ]),
      ),
    });
  const ofUnseen = (goals: readonly string[]) => goals.filter((goal) => goal.includes("unseen wording"));
  const { missed, untested } = having(arm(9, 300));
  expect(ofUnseen(untested)).toEqual([]);
  expect(missed).toHaveLength(3);
  expect(missed[0]).toMatch(/^false alarms on refusals in unseen wording of at most 2 % \(benign .*\): 3\.0 %/);
  expect(having(arm(6, 300)).missed).toEqual([]);
  expect(ofUnseen(having(undefined).untested)).toHaveLength(3);
});

it("says of what was not tested that it was not", () => {
  const { missed, untested } = checkGoals({ arms: {}, operating: {}, tpr_by: {}, paired: [] });
  expect(missed).toEqual([]);
  expect(untested).toHaveLength(6);
  expect(untested.at(-1)).toBe("significantly ahead of every text baseline: there are no such answers");
  expect(checkGoals({ ...found(270, 8), paired: [] }).untested).toEqual([
    expect.stringMatching(KEPT),
    "significantly ahead of every text baseline: none was compared (--splits trains them)",
  ]);
  const nothing = found(270, 8);
  const inForce = nothing.operating[IN_FORCE];
  if (inForce === undefined) throw new Error("no such point");
  const lacking = checkGoals({
    ...nothing,
    operating: { ...nothing.operating, [IN_FORCE]: { ...inForce, refused: arm(0, 0) } },
  });
  expect(lacking.untested).toEqual([
    "false alarms on refusals of at most 2 % (in force): there are no such answers",
    expect.stringMatching(KEPT),
  ]);
});
