import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { progressBar } from "./progress-bar.ts";

const SECOND = 1000;
let lines: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("tells the time left by what was done since it began, not by what was kept from before", () => {
  const bar = progressBar("answered", "items");
  vi.advanceTimersByTime(3000 * SECOND); // other work, before the first is done
  bar.update(900, 1000);
  vi.advanceTimersByTime(20 * SECOND);
  bar.update(920, 1000);
  expect(lines).toEqual(["modx: answered 920 of 1000, 80 s left\n"]);
});

it("says the end, however soon it comes", () => {
  const bar = progressBar("answered", "items");
  bar.update(1, 2);
  bar.update(2, 2);
  expect(lines).toEqual(["modx: answered 2 of 2\n"]);
});
