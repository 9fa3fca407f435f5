import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { BENIGN_PROMPT, CAUGHT_PROMPT } from "../src/commands/demo-prompts.ts";
import { DEFAULT_ADAPTER, DEFAULT_PACK } from "../src/open/built-in.ts";

const BIN = fileURLToPath(new URL("../bin/modx.mjs", import.meta.url));

interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command as a person would, in a process of its own. */
function modx(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const result: Result = { status: null, stdout: "", stderr: "" };
    child.stdout.on("data", (data) => {
      result.stdout += data;
    });
    child.stderr.on("data", (data) => {
      result.stderr += data;
    });
    child.on("close", (status) => resolve({ ...result, status }));
  });
}

const lines = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modx-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One line: code, what happened, what to do; no stack trace. */
function expectError({ status, stderr }: Result, code: string, exit: number): void {
  expect(stderr).toContain(`modx: ${code}: `);
  expect(stderr).not.toMatch(/\n\s+at |node:internal/);
  expect(status).toBe(exit);
}

describe("bad input", () => {
  it("is an unknown flag or command", async () => {
    expectError(await modx("run", "--polcy", "halt", "hello"), "MODX_USAGE", 2);
    expectError(await modx("rnu"), "MODX_USAGE", 2);
    expectError(await modx("run"), "MODX_USAGE", 2);
    expectError(await modx("run", "hello", "--policy", "explode"), "MODX_USAGE", 2);
    expectError(await modx("run", "hello", "-n", "many"), "MODX_USAGE", 2);
  });

  it("names the help of the very command that was called", async () => {
    expect((await modx("run", "--polcy", "halt", "hello")).stderr).toContain("See: modx run --help");
    expect((await modx("lab", "train", "--recordin", "x")).stderr).toContain("See: modx lab train --help");
    expect((await modx("rnu")).stderr).toContain("See: modx --help");
  });

  it("is a result to compare with that was never stored, said before anything is asked", async () => {
    const results = join(folder, "results.json");
    writeFileSync(results, JSON.stringify({ schema: 1, runs: [{ name: "one", flags: {}, report: null }] }));
    const { stderr, ...result } = await modx("lab", "reproduce", results);
    expectError({ stderr, ...result }, "MODX_USAGE", 2);
    expect(stderr).not.toContain("asking");
  });

  it("is a report that cannot be drawn, of a run that is not there, or into no folder", async () => {
    const results = join(folder, "drawn.json");
    writeFileSync(results, JSON.stringify({ schema: 1, runs: [{ name: "one", flags: {}, report: null }] }));
    const out = join(folder, "drawn");
    const report = (...more: string[]) => modx("lab", "report", ...more);
    expectError(await report(results, "--name", "two", "--out", out), "MODX_USAGE", 2);
    expectError(await report(results, "--out", out), "MODX_USAGE", 2);
    const other = join(folder, "other.json");
    writeFileSync(other, '{"schema":1,"detectors":[]}');
    expectError(await report(other, "--out", out), "MODX_USAGE_RESULTS", 2);
    expect(existsSync(out)).toBe(false);
    const stored = fileURLToPath(new URL("../../../docs/results.json", import.meta.url));
    expectError(await report(stored, "--name", "word", "--out", results), "MODX_USAGE", 2);
    expect((await report(stored, "--name", "word", "--out", out)).status).toBe(0);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<h2>Limits</h2>");
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8"))).toMatchObject({
      schema: 1,
      limits: expect.any(Array),
    });
  });

  it("is a stored run whose organism is not there, where it was asked for by its name; else it is left out", async () => {
    const results = join(folder, "carried.json");
    const lacking = { name: "lacking", flags: { lora: ["none.gguf"] }, report: null };
    writeFileSync(results, JSON.stringify({ schema: 1, runs: [lacking, { ...lacking, name: "other" }] }));
    const alone = await modx("lab", "reproduce", results, "--write", "--only", "lacking");
    expectError(alone, "MODX_USAGE", 2);
    expect(alone.stderr).toContain(`The run lacking needs ${join(folder, "none.gguf")}`);
    const pair = { name: "beside", flags: { beside: ["one=no-pack"] }, report: null };
    writeFileSync(join(folder, "beside.json"), JSON.stringify({ schema: 1, runs: [pair] }));
    const without = await modx("lab", "reproduce", join(folder, "beside.json"), "--write");
    expectError(without, "MODX_USAGE", 2);
    expect(without.stderr).toContain(`The run beside needs ${join(folder, "no-pack")}`);
    const all = await modx("lab", "reproduce", results, "--write");
    expect(all.stderr).toContain("lacking: left out");
    expect(all.status).toBe(0);
  });

  it("is a file that is not there", async () => {
    expectError(await modx("run", "hello", "-m", join(folder, "none.gguf")), "MODX_USAGE_FILE_MISSING", 2);
    expectError(
      await modx("run", "hello", "--pack", "none", "--lora", join(folder, "none.gguf")),
      "MODX_USAGE_FILE_MISSING",
      2,
    );
    expectError(await modx("run", "hello", "--pack", join(folder, "none")), "MODX_PACK_MISSING", 2);
    expectError(await modx("run", "--prompts", join(folder, "none.jsonl")), "MODX_USAGE_FILE_MISSING", 2);
    expectError(await modx("check", "--prompt", "@none", "--response", "x"), "MODX_USAGE_FILE_MISSING", 2);
  });

  it("is an autoencoder, or a list of its features, that is not one", async () => {
    const list = join(folder, "features.json");
    writeFileSync(list, '{"3": "bombs"}');
    const sae = fileURLToPath(new URL("../../sae/test/fixtures/sae-lens-gated", import.meta.url));
    const toPack = (name: string, from = sae, features = list) =>
      modx("pack", "export", "--sae", from, "--features", features, "--out", join(folder, name));
    expectError(await modx("sae", "inspect", join(folder, "nothing")), "MODX_USAGE_FILE_MISSING", 2);
    expectError(await modx("sae", "inspect", folder), "MODX_SAE_FAMILY", 1);
    expectError(await toPack("My Pack!"), "MODX_PACK_FOLDER", 2);
    expectError(await toPack("p", sae, join(folder, "none.json")), "MODX_USAGE_FILE_MISSING", 2);
    writeFileSync(join(folder, "prose.txt"), "the bombs\nand theft");
    expectError(await toPack("p", sae, join(folder, "prose.txt")), "MODX_USAGE_FEATURES", 2);
    // of another model
    expectError(await toPack("p"), "MODX_SAE_UNSUPPORTED", 1);
  });

  it("is a model that is cut short or altered", async () => {
    const cut = join(folder, "cut.gguf");
    copyFileSync(inject("modelFile"), cut);
    truncateSync(cut, 40_000_000);
    expectError(await modx("run", "hello", "-m", cut), "MODX_ENGINE_MODEL_REFUSED", 1);
    const altered = join(folder, "altered.gguf");
    const bytes = readFileSync(inject("modelFile"));
    // the key of the number of layers
    const at = bytes.indexOf("llama.block_count");
    bytes.write("llama.block_cuont", at);
    writeFileSync(altered, bytes);
    expectError(await modx("run", "hello", "-m", altered), "MODX_ENGINE_MODEL_REFUSED", 1);
  });

  it("is a prompt longer than the context, and a tap outside the model", async () => {
    const long = "word ".repeat(300);
    expectError(await modx("run", long, "-c", "128", "--pack", "none"), "MODX_ENGINE_TOO_LONG", 1);
    const prompts = join(folder, "one.jsonl");
    writeFileSync(prompts, '{"text":"hello","label":"benign"}\n');
    expectError(
      await modx(
        "lab",
        "record",
        "--prompts",
        prompts,
        "--taps",
        "blocks.30.hook_resid_post",
        "--out",
        join(folder, "r"),
      ),
      "MODX_USAGE_TAP",
      2,
    );
  });

  it("is a port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    expectError(await modx("serve", "--port", port, "--host", "127.0.0.1"), "MODX_SERVER_PORT", 1);
    server.close();
  });
});

describe.skipIf(!existsSync(DEFAULT_PACK))("the built-in organism and pack", () => {
  it("answer a benign request", async () => {
    const { status, stdout } = await modx("run", BENIGN_PROMPT, "--policy", "halt", "--json");
    expect(status).toBe(0);
    const printed = lines(stdout);
    const verdict = printed.at(-1);
    expect(verdict).toMatchObject({ type: "verdict", alarm: false, token: null, policy: "halt", calibrated: true });
    expect(printed.slice(0, -1).every(({ type, text }) => type === "token" && typeof text === "string")).toBe(true);
    expect(printed.length - 1).toBe(verdict?.["released"]);
  });

  it("are caught in the act, and nothing after the alarm comes out", async () => {
    const { status, stdout, stderr } = await modx("run", CAUGHT_PROMPT, "--policy", "halt", "--json");
    expect(status, stderr).toBe(3);
    const printed = lines(stdout);
    const verdict = printed.at(-1) ?? {};
    expect(verdict).toMatchObject({ type: "verdict", alarm: true, detector: "harmful-compliance", finish: "halted" });
    const [score, threshold] = [Number(verdict["score"]), Number(verdict["threshold"])];
    expect(score).toBeGreaterThan(threshold);
    const shown = printed.filter(({ type, text }) => type === "token" && text !== null);
    expect(shown.length).toBe(verdict["released"]);
    expect(verdict["why"]).not.toHaveLength(0);
  });

  it("judge a given answer like the one that was generated", async () => {
    const { stdout } = await modx("run", CAUGHT_PROMPT, "--policy", "log", "--json");
    const printed = lines(stdout);
    const response = printed.map(({ text }) => text ?? "").join("");
    const check = await modx("check", "--prompt", CAUGHT_PROMPT, "--response", response, "--json");
    expect(check.status).toBe(3);
    const tokens = (list: Record<string, unknown>[]) => list.filter(({ type }) => type === "token");
    const [run, judged] = [tokens(printed), tokens(lines(check.stdout))];
    expect(judged.length).toBeGreaterThan(8);
    judged.slice(0, 16).forEach((token, index) => {
      expect(Math.abs(Number(token["score"]) - Number(run[index]?.["score"]))).toBeLessThan(0.05);
    });
  });

  it("say what they were calibrated for, and refuse to halt on anything else", async () => {
    const inspected = await modx("pack", "inspect", DEFAULT_PACK);
    expect(inspected.stdout).toMatch(/benign +at most 1\.0 % of responses/);
    expect((await modx("pack", "verify", DEFAULT_PACK)).status).toBe(0);
    const halting = ["--pack", DEFAULT_PACK, "--policy", "halt"];
    expectError(
      await modx("run", "hello", "--lora-scaled", `${DEFAULT_ADAPTER}:0.5`, ...halting),
      "MODX_PACK_UNCALIBRATED",
      1,
    );
    // it asks the model that the watched one was made from, and here that is none
    expectError(await modx("run", "hello", "--lora", "none", ...halting), "MODX_PACK_BASE", 1);
  });

  it("answer many prompts, each line with its prompt's id", async () => {
    const prompts = join(folder, "many.jsonl");
    const asked = ["How do bees make honey?", "What is a haiku?", "Name a river in Spain."];
    writeFileSync(prompts, asked.map((text, index) => JSON.stringify({ id: `p${index}`, text })).join("\n"));
    const { status, stdout } = await modx("run", "--prompts", prompts, "--json", "-n", "12", "--policy", "halt");
    expect(status).toBe(0);
    const verdicts = lines(stdout).filter(({ type }) => type === "verdict");
    expect(verdicts.map(({ id }) => id).sort()).toEqual(["p0", "p1", "p2"]);
  });
});
