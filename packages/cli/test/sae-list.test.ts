import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createProgram } from "../src/program.ts";

async function printed(...args: string[]): Promise<string[]> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  await createProgram().parseAsync(["sae", "list", ...args], { from: "user" });
  const text = write.mock.calls.map(([chunk]) => chunk).join("");
  write.mockRestore();
  return text.split("\n").filter((line) => line !== "");
}

describe("modx sae list", () => {
  it("prints names, model and block", async () => {
    expect(await printed("L21R-8x")).toEqual([
      "llama_scope_lxr_8x/l21r_8x  llama3.1-8b/21-llamascope-res-32k  meta-llama/Llama-3.1-8B  21",
    ]);
    expect((await printed()).length).toBeGreaterThan(4000);
    expect(await printed("no such name")).toEqual([]);
  });

  it("prints JSON Lines", async () => {
    const lines = (await printed("goodfire", "--json")).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({
      family: "goodfire",
      layer: 19,
      l0: 91,
      neuronpedia: "llama3.1-8b-it/19-resid-post-gf",
    });
  });
});
