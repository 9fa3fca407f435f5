import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { librariesFolder } from "../src/native/libraries.ts";
import { loadAddon } from "../src/native/load-addon.ts";
import { cosine } from "./cosine.ts";

/** Residuals of one text, read by a process of its own: a process has one set of libraries. */
function read(accelerator: string): { device: string; residuals: Float32Array[]; text: string } {
  const printed = execFileSync(
    process.execPath,
    [join(import.meta.dirname, "read-on-accelerator.mjs"), inject("modelFile"), accelerator],
    { maxBuffer: 1 << 28, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const { device, residuals, text } = JSON.parse(printed) as { device: string; residuals: string[]; text: string };
  const floats = (base64: string): Float32Array => {
    const bytes = Buffer.from(base64, "base64");
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  return { device, residuals: residuals.map(floats), text };
}

const devices = loadAddon().devices();

it.skipIf(devices.length === 0)(
  `reads on ${devices[0]?.description ?? "an accelerator (none is here)"} what the CPU reads`,
  () => {
    const [cpu, other] = [read("cpu"), read("auto")];
    expect(cpu.device).toBe("CPU");
    expect(other.device).not.toBe("CPU");
    expect(other.residuals.length).toBe(cpu.residuals.length);
    const width = 576;
    for (const [tap, residuals] of cpu.residuals.entries())
      for (let at = width; at < residuals.length; at += width)
        expect(
          cosine(residuals.subarray(at, at + width), other.residuals[tap]?.subarray(at, at + width) ?? []),
          `tap ${tap}, position ${at / width}`,
        ).toBeGreaterThan(0.99);
  },
);

it("says what to install where the libraries of an accelerator are missing, and what a machine cannot have", () => {
  const refused = expect.objectContaining({ code: "MODX_ENGINE_ACCELERATOR" });
  expect(() => librariesFolder(process.platform === "darwin" ? "cuda" : "metal")).toThrow(refused);
  if (process.platform === "linux" && !installed("vulkan"))
    expect(() => librariesFolder("vulkan")).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/npm install --no-save @node-llama-cpp\/linux-\w+-vulkan@\d/),
      }),
    );
  expect(librariesFolder("cpu")).toContain(process.platform === "darwin" ? "mac-" : "linux-");
});

function installed(flavour: string): boolean {
  return existsSync(join(librariesFolder("cpu"), "..", "..", "..", `linux-${process.arch}-${flavour}`));
}
