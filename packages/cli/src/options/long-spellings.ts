/** llama-server's flags of one dash and several letters, which the parser does not know, and their long spellings. */
const LONG: Readonly<Record<string, string>> = {
  "-hf": "--hf-repo",
  "-ngl": "--gpu-layers",
  "-np": "--parallel",
  "-to": "--timeout",
};

/** The arguments with such flags spelt out; after `--` everything is text. */
export function spellOut(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) => (end >= 0 && index > end ? arg : (LONG[arg] ?? arg)));
}
