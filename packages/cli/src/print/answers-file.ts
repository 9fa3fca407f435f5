import { writeFileSync } from "node:fs";

/** Writes every answer of every arm as JSON Lines. */
export function writeAnswers(file: string, answers: Readonly<Record<string, readonly object[]>>): void {
  const lines = Object.entries(answers).flatMap(([arm, list]) =>
    list.map((answer) => JSON.stringify({ arm, ...answer })),
  );
  writeFileSync(file, `${lines.join("\n")}\n`);
}
