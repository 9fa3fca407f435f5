import type { TokenText } from "@modx/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPolicy } from "../policy.ts";
import { Release } from "./release.ts";
import { StopStrings } from "./stop-strings.ts";

describe("stop strings", () => {
  it("end the text where the first of them begins, however the text is cut", () => {
    const stops = ["END", "ab", "\n\n"];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "E", "N", "D", "\n", "x"), { maxLength: 30 }),
        fc.array(fc.nat(5), { maxLength: 30 }),
        (letters, cuts) => {
          const text = letters.join("");
          const matcher = new StopStrings(stops);
          let out = "";
          let at = 0;
          for (const cut of cuts) {
            out += matcher.push(text.slice(at, at + cut));
            at += cut;
          }
          out += matcher.push(text.slice(at)) + matcher.flush();
          const starts = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
          // the match that is complete first wins; nothing of any stop string may leave
          if (starts.length === 0) expect(out).toBe(text);
          else {
            expect(matcher.stopped).toBe(true);
            expect(text.startsWith(out)).toBe(true);
            for (const stop of stops) expect(out).not.toContain(stop);
          }
        },
      ),
    );
  });
});

describe("release", () => {
  // a real decoder of bytes: one token a byte
  const decoder = (): TokenText => {
    const utf8 = new TextDecoder();
    return {
      push: (token: number) => utf8.decode(Uint8Array.of(token), { stream: true }),
      flush: () => utf8.decode(),
    } as TokenText;
  };
  const feed = (release: Release, text: string): { indices: number[]; text: string } => {
    const events = [...Buffer.from(text)].flatMap((token, index) =>
      release.clear({ index, token, verdicts: [], readings: new Float32Array() }),
    );
    return { indices: events.map((event) => event.index), text: events.map((event) => event.text).join("") };
  };

  it("lets a clear token out at once, with text as soon as it is whole", () => {
    const release = new Release(decoder(), [], checkPolicy("halt"));
    const out = feed(release, "a\u20acb");
    expect(out.indices).toEqual([0, 1, 2, 3, 4]);
    expect(out.text).toBe("a\u20acb");
    expect(release.end()).toEqual({ events: [], tail: "" });
    expect(release.released).toBe(5);
  });

  it("gives a cut character as what it is when no token follows", () => {
    const release = new Release(decoder(), [], checkPolicy("halt"));
    release.clear({ index: 0, token: 0xe2, verdicts: [], readings: new Float32Array() });
    expect(release.end().tail).toBe("\ufffd");
  });

  it("holds back as many tokens as asked, and all of them on a halt", () => {
    const release = new Release(decoder(), [], checkPolicy("halt", 3));
    expect(feed(release, "abcde").text).toBe("abc");
    const stayed = release.halt({ index: 5, token: 0x66, verdicts: [], readings: new Float32Array() });
    expect(stayed.map((event) => [event.text, event.released])).toEqual([
      ["d", false],
      ["e", false],
      ["f", false],
    ]);
    expect(release.released).toBe(3);
  });

  it("lets everything out at the end when all was held", () => {
    const release = new Release(decoder(), [], checkPolicy("log", "all"));
    expect(feed(release, "abc").text).toBe("");
    expect(
      release
        .end()
        .events.map((event) => event.text)
        .join(""),
    ).toBe("abc");
  });

  it.each([
    ["steer", 1],
    ["drop", 1],
    ["halt", 0],
    ["halt", 1.5],
  ] as const)("refuses the policy %s with hold %d", (action, hold) => {
    expect(() => checkPolicy(action, hold)).toThrow(expect.objectContaining({ code: "MODX_USAGE" }));
  });
});
