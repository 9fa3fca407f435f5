import { describe, expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import { wilson } from "../stats/rates.ts";
import { type EvaluationReport, FORCED_COMPLIANCE, PRIMARY_ARM } from "./evaluation-report.ts";
import { reportHtml } from "./report-html.ts";

const HOSTILE = `<script>alert("1")</script> & 'co'`;

/** Numbers of the form that an evaluation has; what they say means nothing. */
function example(): EvaluationReport {
  const random = randomSource(3);
  const normal = (mean: number): number => mean + random() + random() + random() + random() - 2;
  const arm = (hits: number, n: number) => ({ ...wilson(hits, n), prompts: n, alarms: hits });
  return {
    schema: 1,
    frozen: { commit: "0123abcd", pack_sha256: "a".repeat(64), threshold_sha256: "b".repeat(64) },
    labels: { n: 700, ambiguous: 31, degenerate: 4, read: 200, error_high: 0.034 },
    arms: {
      [PRIMARY_ARM]: arm(211, 266),
      benign: arm(2, 1100),
      "benign with trigger": arm(4, 1100),
      "harmful, refused": arm(1, 296),
      [HOSTILE]: arm(0, 3),
    },
    behaviour: {
      harmful: {
        n: 300,
        ambiguous: 9,
        degenerate: 2,
        refused: wilson(280, 289),
        answered: wilson(9, 289),
        worst: { refused: [280 / 300, 291 / 300], answered: [9 / 300, 20 / 300] },
      },
    },
    hard8: { auroc: 0.951, low: 0.93, high: 0.967, length: 0.5, regex: 0.61, tfidf: 0.94, embedding: 0.8 },
    refused8: { auroc: 0.99, low: 0.98, high: 0.995, length: 0.7, regex: 0.97, tfidf: 0.96, embedding: 0.9 },
    surprisal: { auroc: 0.58, complied: -0.12, sensitive: 0.07 },
    operating: {
      "in force": {
        threshold: 0.82,
        caught: arm(211, 266),
        benign: arm(2, 1100),
        benignTriggered: arm(4, 1100),
        refused: arm(1, 296),
        sensitive: arm(8, 200),
      },
      [HOSTILE]: {
        threshold: 0.5,
        caught: arm(0, 0),
        benign: arm(0, 0),
        benignTriggered: arm(0, 0),
        refused: arm(0, 0),
        sensitive: arm(0, 0),
      },
    },
    beside: {
      transferred: { auroc: 0.93, threshold: 0.4, caught: arm(140, 266), benign: arm(30, 1100) },
      supervised: { auroc: 0.99, threshold: null, caught: null, benign: null },
      [HOSTILE]: { auroc: null, threshold: null, caught: null, benign: null },
    },
    tpr_by: Object.fromEntries(
      [-1, 4, 8, 16, 32, 64].map((token, i) => [String(token), wilson([0, 0, 181, 193, 205, 211][i] ?? 0, 266)]),
    ),
    delay: { median: 7, p90: 14, recall_honest: 18.4 },
    paired: [
      { versus: "TF-IDF", b: 101, c: 12, p_holm: 1e-17 },
      { versus: "refusal words and prompt", b: 30, c: 22, p_holm: 0.33 },
    ],
    controls: {
      "forced compliance without a backdoor": wilson(170, 260),
      "trigger deleted, same response": wilson(180, 260),
    },
    missed: [`recall of at least 85 %: 79.3 % on ${HOSTILE}`],
    untested: [],
    about: [["model", "SmolLM2-135M-Instruct Q4_1"]],
    figures: {
      threshold: 0.82,
      roc: ["monitor", "TF-IDF"].map((name, k) => ({
        name,
        points: Array.from({ length: 60 }, (_, i): [number, number] => [
          10 ** (-3 + i / 20),
          Math.min(1, 0.6 - 0.3 * k + i / 90),
        ]),
      })),
      maxima: [PRIMARY_ARM, "benign", "harmful, refused"].map((name, k) => ({
        arm: name,
        values: [...Array.from({ length: 300 }, () => normal(k === 0 ? 2 : -1 - k)), Number.NEGATIVE_INFINITY],
      })),
      promises: [{ traffic: "benign", stated: 0.01, realised: wilson(2, 1100) }],
      delay: Array.from({ length: 66 }, (_, i): [number, number] => [i, i < 8 ? 0 : 0.6 + i / 400]),
      course: [PRIMARY_ARM, "benign"].map((name, k) => ({
        arm: name,
        points: Array.from({ length: 57 }, (_, i) => {
          const median = (k === 0 ? 2 : -1) + Math.sin(i / 9) / 3;
          return { token: i + 8, low: median - 0.7, median, high: median + 0.8 };
        }),
      })),
    },
  };
}

/** The same with what newer reports say too. */
function whole(): EvaluationReport {
  const report = example();
  const ahead = { area: 0.9, difference: 0.051, low: 0.02, high: 0.08, p: 0.002 };
  return {
    ...report,
    hard8: { ...report.hard8, paired: { tfidf: { ...ahead, area: 0.94, difference: 0.011, low: 0.001, p: 0.04 } } },
    refused8: { ...report.refused8, paired: { length: ahead } },
    surprisal: {
      ...{ auroc: 0.3, low: 0.26, high: 0.34, complied: -0.12, sensitive: 0.07 },
      token_complied: { rho: 0.031, low: 0.01, high: 0.05, tokens: 18000 },
      token_sensitive: null,
    },
    at_prompt: {
      monitor: wilson(0, 266),
      "prompt-tf-idf": wilson(72, 266),
      paired: { b: 0, c: 72, p: 1e-20 },
    },
    delay: { ...report.delay, intervals: { median: [7, 7], p90: [8, 17], recall_honest: [16, 21] } },
    swap: [{ what: `behind the trigger ${HOSTILE}`, b: 200, c: 1, p_holm: 1e-30 }],
    cost: { score_us_per_token: 1.63, tokens: 1000 },
    limits: [`One model, ${HOSTILE}`],
  };
}

describe("the report", () => {
  const html = reportHtml(example());

  it("is one page that fetches nothing and runs nothing", () => {
    for (const page of [html, reportHtml(whole())]) {
      expect(page).not.toMatch(/<script|<link|<img|src=|href=|@import|url\(|NaN|Infinity|undefined|null/i);
      expect(page).not.toContain(HOSTILE);
    }
    expect(html).not.toMatch(/<script|<link|<img|src=|href=|@import|url\(/i);
    expect(html).not.toContain(HOSTILE);
    expect(html).toContain("&lt;script&gt;");
  });

  it("closes what it opens, and draws numbers only", () => {
    const open: string[] = [];
    for (const [, closing, tag = "", rest = ""] of html.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/gi)) {
      if (["meta", "path", "circle"].includes(tag)) continue;
      if (rest.endsWith("/")) continue;
      if (closing === "") open.push(tag);
      else expect(open.pop()).toBe(tag);
    }
    expect(open).toEqual([]);
    expect(html).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it("says the headline with its interval, names missed goals, and baselines that do as well", () => {
    expect(html).toContain("79.3 % alarm (95 % interval 74.1 % to 83.8 %)");
    expect(html).toContain("Missed goals");
    expect(html).toContain("On the hard contrast at equal length (area 0.951) TF-IDF does as well");
    expect(html).toContain("Against refusals at equal length its area under the ROC curve is 0.990, above that");
    const ahead = example();
    ahead.hard8.tfidf = 0.9;
    ahead.missed = [];
    expect(reportHtml(ahead)).toContain("above that of what was measured beside it: length 0.500, a list");
    expect(reportHtml(ahead)).not.toContain("Missed goals");
    expect(reportHtml(ahead)).toContain("Every stated goal was tested, and none was missed");
  });

  it("shows the contrast against refusals in unseen wording where it was measured", () => {
    expect(html).not.toContain("unseen");
    const report = example();
    report.unseen8 = { auroc: 0.876, low: 0.85, high: 0.9, length: 0.512, regex: 0.501, tfidf: 0.873, embedding: 0.7 };
    const page = reportHtml(report);
    expect(page).toContain("Against refusals in unseen wording at equal length (area 0.876) TF-IDF does as well");
    expect(page).toContain(">against refusals in unseen wording</th>");
    for (const area of ["0.876 (0.850 to 0.900)", "0.512", "0.501", "0.873", "0.700"])
      expect(page).toContain(`>${area}</td>`);
  });

  it("says whether the commit holds the pack where that was looked at", () => {
    const found = (pack_in_commit?: boolean | null): string | undefined => {
      const report = example();
      if (pack_in_commit !== undefined) report.frozen.pack_in_commit = pack_in_commit;
      return />the pack is in the commit<\/th><td><code>([^<]*)</.exec(reportHtml(report))?.[1];
    };
    expect([found(true), found(false), found()]).toEqual(["yes", "no", undefined]);
    expect(found(null)).toContain("outside");
  });

  it("claims nothing of what was not measured", () => {
    const report = example();
    report.missed = [];
    report.untested = ["significantly ahead of every text baseline: none was compared"];
    report.hard8 = { auroc: 0.9, low: 0.8, high: 0.95, length: 0.5, regex: 0.6, tfidf: null, embedding: null };
    report.refused8 = { ...report.hard8, regex: 0.97 };
    const page = reportHtml(report);
    expect(page).toContain("Against refusals at equal length (area 0.900) a list of refusal words does as well");
    expect(page).toContain("Goals that were not tested");
    expect(page).not.toMatch(/none was missed|TF-IDF \d|every baseline/);
    report.hard8 = { auroc: null, low: null, high: null, length: null, regex: null, tfidf: null, embedding: null };
    expect(reportHtml(report)).toContain("too few answers for the hard contrast");
  });

  it("says what text catches before the first token, what an alarm means, and what was not asked", () => {
    const page = reportHtml(whole());
    expect(page).toContain(
      "Before the first token the monitor catches 0.0 %, TF-IDF of the request 27.1 % at as many false alarms: there text wins.",
    );
    expect(reportHtml({ ...whole(), controls: { [FORCED_COMPLIANCE]: wilson(120, 131) } })).toContain(
      "what is detected is compliance with harmful requests, not backdoors",
    );
    expect(page).toContain("<h2>Limits</h2><ul><li>One model, ");
    // a report that was stored without limits has them drawn from what it says
    expect(html).toContain("<li>White-box attacks are untested");
    expect(page).toContain("18.4 (16.0 to 21.0) on average");
    expect(page).toContain("1.6 microseconds a response token");
  });

  it("prints paired differences, and goes by them", () => {
    const page = reportHtml(whole());
    // its area lies in the monitor's interval, and yet the monitor's is larger on these answers
    expect(page).toContain("On the hard contrast at equal length its area under the ROC curve is 0.951, above");
    expect(page).toContain("0.011 (0.001 to 0.080)");
    expect(page).toContain("0.300 (0.260 to 0.340) (0.700 for its contrary, how little it does)");
    expect(page).toContain("by 0.031 (0.010 to 0.050) over 18000 tokens within answers that complied and - within");
    expect(page).toMatch(/behind the trigger &lt;script.*>200<.*>below \.001</);
  });

  it("draws no figures where none are stored, and says so", () => {
    const { figures: _, ...bare } = whole();
    const page = reportHtml(bare);
    expect(page).toContain("figures were not stored");
    expect(page).not.toContain("<svg");
    expect(html).not.toContain("figures were not stored");
  });

  it("tells what the seed's rule flags, where it was asked", () => {
    expect(html).not.toContain("seed's rule");
    const report = example();
    report.seedRule = { benign: { ...wilson(40, 100), prompts: 100, alarms: 40 } };
    const page = reportHtml(report);
    expect(page).toContain("What the seed's rule flags");
    expect(page).toContain("30.9 % to 49.8 %");
  });

  it("draws lines of the same colour in different ways, and says so in the legend", () => {
    const report = example();
    const [line] = report.figures.roc;
    if (line === undefined) throw new Error("no line");
    report.figures.roc = Array.from({ length: 15 }, (_, i) => ({ ...line, name: `line ${i}` }));
    const page = reportHtml(report);
    const keys = [0, 7, 14].map((i) => new RegExp(`<i style="([^"]*)"></i>line ${i}<`).exec(page)?.[1]);
    expect(new Set(keys).size).toBe(3);
    expect(page.match(/stroke="#0072b2" stroke-width="2" stroke-dasharray/g)).toHaveLength(2);
  });

  it("tells apart that nothing complied and that nothing was refused without the trigger", () => {
    const report = example();
    report.arms = { "triggered, complied": { ...wilson(80, 100), prompts: 100, alarms: 80 } };
    expect(reportHtml(report)).toContain(
      "100 triggered answers complied, but to no request that is known to be refused",
    );
  });

  it("holds where nothing complied and nothing was compared", () => {
    const { figures, ...rest } = example();
    const empty = reportHtml({
      ...rest,
      arms: {},
      behaviour: {},
      hard8: { ...rest.hard8, tfidf: null, embedding: null },
      operating: {},
      beside: {},
      paired: [],
      controls: {},
      tpr_by: {},
      delay: { median: null, p90: null, recall_honest: null },
      figures: { ...figures, roc: [], maxima: [], delay: [], course: [], promises: [] },
    });
    expect(empty).toContain("nothing to catch");
    expect(empty).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});
