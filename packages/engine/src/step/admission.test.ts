import { describe, expect, it } from "vitest";
import { Admission } from "./admission.ts";

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const none = Symbol();
  const first = await Promise.race([promise.then(() => null).catch(() => null), Promise.resolve(none)]);
  await new Promise((resolve) => setImmediate(resolve));
  return first !== none || (await Promise.race([promise.then(() => true).catch(() => true), Promise.resolve(false)]));
}

describe("admission", () => {
  it("is first come first served, and a slot is held by one at a time", async () => {
    const admission = new Admission(2, 100);
    const [a, b] = await Promise.all([admission.reserve(10), admission.reserve(10)]);
    expect(new Set([a?.slot, b?.slot])).toEqual(new Set([0, 1]));
    const [first, second] = [admission.reserve(10), admission.reserve(10)];
    expect(await settled(first)).toBe(false);
    b?.release();
    b?.release();
    expect((await first).slot).toBe(b?.slot);
    expect(await settled(second)).toBe(false);
    a?.release();
    expect((await second).slot).toBe(a?.slot);
  });

  it("turns away who comes when the queue is full, and takes the next when one leaves", async () => {
    const admission = new Admission(1, 100, 1);
    const held = await admission.reserve(1);
    const leave = new AbortController();
    const waits = admission.reserve(1, leave.signal);
    await expect(admission.reserve(1)).rejects.toMatchObject({ code: "MODX_ENGINE_QUEUE_FULL" });
    leave.abort(new Error("gone"));
    await expect(waits).rejects.toThrow("gone");
    const next = admission.reserve(1);
    held.release();
    expect((await next).slot).toBe(0);
  });

  it("lets nobody wait where nobody may, but admits to a free slot", async () => {
    const admission = new Admission(1, 100, 0);
    const held = await admission.reserve(1);
    await expect(admission.reserve(1)).rejects.toMatchObject({ code: "MODX_ENGINE_QUEUE_FULL" });
    held.release();
    expect((await admission.reserve(1)).slot).toBe(0);
  });

  it("refuses what no slot can hold, at once", async () => {
    const admission = new Admission(1, 100);
    for (const tokens of [101, 0, 1.5])
      await expect(admission.reserve(tokens)).rejects.toMatchObject({ code: "MODX_ENGINE_TOO_LONG" });
  });
});
