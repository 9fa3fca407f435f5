import { expect, it } from "vitest";
import { grammarCost } from "./grammar-cost.ts";
import { checkSampling } from "./sampling.ts";

const JSON_GRAMMAR = String.raw`
root   ::= object # a comment ( [ "
value  ::= object | array | string | number | ("true" | "false" | "null") ws

object ::=
  "{" ws (
            string ":" ws value
    ("," ws string ":" ws value)*
  )? "}" ws
array  ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
ws ::= | " " | "\n" [ \t]{0,20}
`;

const doubling = Array.from({ length: 20 }, (_, i) =>
  i === 0 ? 'root ::= r1\nr1 ::= "a"? "b"?' : `r${i + 1} ::= r${i}? r${i}?`,
).join("\n");

it("counts what stands in a row and may be left out, through groups, rules and repetitions", () => {
  const optional = (grammar: string): number | undefined => grammarCost(grammar)?.optional;
  expect(optional('root ::= "a" "b"')).toBe(0);
  expect(optional(`root ::= ${'"a"? '.repeat(40)}`)).toBe(40);
  expect(optional(`root ::= ${'"a"? '.repeat(40)} "b" ${'"a"* '.repeat(30)}`)).toBeGreaterThanOrEqual(40);
  expect(optional('root ::= ("a"? "b"*){30}')).toBeGreaterThanOrEqual(60);
  expect(optional('root ::= "a" x x\nx ::= y y "c"?\ny ::= "d"?')).toBe(6);
  expect(optional('root ::= "a"{0,2000}')).toBeLessThan(5);
  expect(optional(doubling)).toBeGreaterThan(2 ** 20);
});

it("counts the texts among which one place chooses", () => {
  const words = Array.from({ length: 300 }, (_, i) => `"w${i}"`).join(" | ");
  expect(grammarCost(`root ::= ${words}`)?.choices).toBe(300);
  expect(grammarCost(`root ::= (${words}) "." (${words})`)?.choices).toBe(300);
});

it("lets grammars of use through", () => {
  const cost = grammarCost(JSON_GRAMMAR);
  expect(cost?.optional).toBeGreaterThan(0);
  expect(cost?.optional).toBeLessThan(20);
  expect(cost?.choices).toBeLessThan(100);
  for (const grammar of [
    JSON_GRAMMAR,
    'root ::= ("yes" | "no") ", " [0-9] [0-9]',
    "root ::= .{1,1000}\n",
    "root ::= <[1]> !<[2]>",
  ])
    expect(() => checkSampling({ grammar })).not.toThrow();
});

it.each<[string, string]>([
  ["optional parts in a row", `root ::= ${'"a"? '.repeat(2000)}`],
  ["repetitions of what may be empty", 'root ::= ("a"?){1000}'],
  ["rules that double", doubling],
  ["alternatives", `root ::= ${'"a"|'.repeat(6000)}"b"`],
  ["groups in groups", `root ::= ${"(".repeat(5000)}"a"${")".repeat(5000)}`],
  ["rules in rules", Array.from({ length: 5000 }, (_, i) => `r${i} ::= r${i + 1}`).join("\n")],
  ["length", `root ::= "${"a".repeat(100_000)}"`],
])("refuses more %s than llama.cpp gets through", (_, grammar) => {
  const before = performance.now();
  expect(() => checkSampling({ grammar })).toThrow(expect.objectContaining({ code: "MODX_USAGE_SAMPLING" }));
  expect(performance.now() - before).toBeLessThan(2000);
});
