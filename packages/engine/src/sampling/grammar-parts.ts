/** What a GBNF grammar is made of, as far as it matters for how long it takes; anything in it that is none is left to llama.cpp to refuse. */
export type Part =
  | { kind: "text" }
  | { kind: "rule"; name: string }
  | { kind: "sequence"; parts: Part[] }
  | { kind: "either"; parts: Part[] }
  | { kind: "repeated"; part: Part; least: number; most: number };

/** Groups in groups, and what the parser goes down for each; llama.cpp has no limit but its stack. */
export const MAX_DEPTH = 100;

const SPACE = /(?:\s+|#[^\n]*)+/y;
const NAME = /[A-Za-z0-9-]+/y;
const DEFINED = /\s*::=/y;
const TEXT = /"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|!?<[^>]*>|\./sy;
const TIMES = /([?*+])|\{\s*(\d+)\s*(?:(,)\s*(\d*)\s*)?\}/y;

/** The rules by name; null where they cannot be read, or nest too deeply. */
export function partsOf(grammar: string): Map<string, Part> | null {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(grammar);
    if (found !== null) at += found[0].length;
    return found;
  };
  /** A name that is not the next rule's. */
  const reference = (): string | null => {
    const before = at;
    const name = take(NAME);
    if (name === null) return null;
    DEFINED.lastIndex = at;
    if (!DEFINED.test(grammar)) return name[0];
    at = before;
    return null;
  };
  const one = (depth: number): Part | null => {
    if (take(TEXT) !== null) return { kind: "text" };
    if (grammar[at] === "(") {
      at += 1;
      const group = either(depth + 1);
      take(SPACE);
      if (group === null || grammar[at] !== ")") throw new Unreadable();
      at += 1;
      return group;
    }
    const name = reference();
    return name === null ? null : { kind: "rule", name };
  };
  const sequence = (depth: number): Part => {
    const parts: Part[] = [];
    for (;;) {
      take(SPACE);
      let part = one(depth);
      if (part === null) return { kind: "sequence", parts };
      // as often as llama.cpp takes them: a sign behind a sign repeats what is repeated
      for (let signs = 0; ; signs++) {
        take(SPACE);
        const times = take(TIMES);
        if (times === null) break;
        if (signs > MAX_DEPTH) throw new Unreadable();
        part = { kind: "repeated", part, ...boundsOf(times) };
      }
      parts.push(part);
    }
  };
  const either = (depth: number): Part | null => {
    if (depth > MAX_DEPTH) throw new Unreadable();
    const parts = [sequence(depth)];
    while (grammar[at] === "|") {
      at += 1;
      parts.push(sequence(depth));
    }
    return { kind: "either", parts };
  };
  const rules = new Map<string, Part>();
  try {
    for (take(SPACE); at < grammar.length; take(SPACE)) {
      const name = take(NAME);
      if (name === null || take(DEFINED) === null) return null;
      rules.set(name[0], either(0) ?? { kind: "text" });
    }
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
  return rules;
}

class Unreadable extends Error {}

function boundsOf([, sign, least, comma, most]: RegExpExecArray): { least: number; most: number } {
  if (sign !== undefined) return { least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
  const from = Number(least);
  if (comma === undefined) return { least: from, most: from };
  return { least: from, most: most === "" || most === undefined ? Number.POSITIVE_INFINITY : Number(most) };
}
