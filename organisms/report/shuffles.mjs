import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./rate.mjs";

const FILE = /^(.+)-shuffle\.json$/;
/** Mean areas that are chance. */
const CHANCE = [0.45, 0.55];

/** What `modx lab shuffle --json` printed for organisms' recordings, from the files NAME-shuffle.json of a folder. */
export function readShuffles(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const name = FILE.exec(file)?.[1];
      return name === undefined ? [] : [{ name, ...JSON.parse(readFileSync(join(folder, file), "utf8")) }];
    });
}

/** Whether anything is learnt where there is nothing to learn, as markdown; nothing where that was not tried. */
export function writeShuffles(shuffles) {
  if (shuffles.length === 0) return "";
  return `
Labels dealt out anew among the responses of a recording, and everything trained on them anew each time, the choice of layers, penalty, windows and terms included: area under the ROC curve on
held-out prompts, by \`modx lab shuffle\`. The mean has to lie between ${CHANCE.map((area) => area.toFixed(2)).join(" and ")}.

${table(
  ["recording of", "times", "mean area", "lowest", "highest", "chance"],
  shuffles.map(({ name, mean, areas }) => [
    `\`${name}\``,
    String(areas.length),
    ...[mean, Math.min(...areas), Math.max(...areas)].map((area) => area.toFixed(3)),
    mean >= CHANCE[0] && mean <= CHANCE[1] ? "yes" : "**no**",
  ]),
)}
`;
}
