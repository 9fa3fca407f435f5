import { type Part, partsOf } from "./grammar-parts.ts";

/** How many ways a grammar leaves open at one place. */
export interface GrammarCost {
  /** Parts in a row, of whatever depth, that may each be left out. llama.cpp takes the fourth power of their number. */
  optional: number;
  /** Texts that may come next. It goes through the vocabulary for each. */
  choices: number;
}

/** Rules that lead to each other; more than any grammar has, and fewer than the stack holds. */
const MAX_CHAIN = 500;

/** Ways at the places of a part, found as the largest sum of neighbours is: from its beginning, up to its end, and anywhere in it. */
interface Ways {
  first: number;
  last: number;
  most: number;
  /** Whether it may be left out. */
  empty: boolean;
}

/** What a place counts for. */
interface Weights {
  text: number;
  skip: number;
}

/** Null where the grammar cannot be read or nests too deeply: llama.cpp might, and go down without end. */
export function grammarCost(grammar: string): GrammarCost | null {
  const rules = partsOf(grammar);
  if (rules === null) return null;
  const optional = mostWays(rules, { text: 0, skip: 1 });
  const choices = mostWays(rules, { text: 1, skip: 0 });
  return optional === null || choices === null ? null : { optional, choices };
}

function mostWays(rules: ReadonlyMap<string, Part>, { text, skip }: Weights): number | null {
  const known = new Map<string, Ways>();
  const one: Ways = { first: text, last: 0, most: text, empty: false };
  let chain = 0;
  let deep = false;

  const ofRule = (name: string): Ways => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const part = rules.get(name);
    // one that is not there is refused by llama.cpp, one that leads back to itself does so behind a text
    if (part === undefined) return one;
    if (chain >= MAX_CHAIN) {
      deep = true;
      return one;
    }
    known.set(name, one);
    chain += 1;
    const ways = of(part);
    chain -= 1;
    known.set(name, ways);
    return ways;
  };
  const of = (part: Part): Ways => {
    switch (part.kind) {
      case "text":
        return one;
      case "rule":
        return ofRule(part.name);
      case "sequence":
        return part.parts.map(of).reduce(behind, { first: 0, last: 0, most: 0, empty: true });
      case "either":
        return part.parts.map(of).reduce(beside);
      case "repeated":
        return repeated(of(part.part), part.least, part.most, skip);
    }
  };
  const most = Math.max(0, ...[...rules.keys()].map((name) => ofRule(name).most));
  return deep ? null : most;
}

function behind(a: Ways, b: Ways): Ways {
  const first = a.first + (a.empty ? b.first : 0);
  const across = a.last + b.first;
  return {
    first,
    last: Math.max(b.last, b.empty ? across : 0),
    most: Math.max(a.most, b.most, across, first),
    empty: a.empty && b.empty,
  };
}

function beside(a: Ways, b: Ways): Ways {
  return {
    first: a.first + b.first,
    last: Math.max(a.last, b.last),
    most: Math.max(a.most, b.most, a.first + b.first),
    empty: a.empty || b.empty,
  };
}

/** llama.cpp writes copies one in another, so that the next is only looked at behind the last; but what is empty each is looked through. */
function repeated(part: Ways, least: number, most: number, skip: number): Ways {
  const copies = part.empty ? Math.max(1, Number.isFinite(most) ? most : least) : 1;
  const first = copies * (part.first + skip);
  const last = most > 1 ? part.last + first : part.last;
  return { first, last, most: Math.max(part.most, first, last), empty: part.empty || least === 0 };
}
