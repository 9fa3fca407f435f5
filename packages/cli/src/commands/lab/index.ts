import type { Command } from "commander";
import { addCalibrate } from "./calibrate.ts";
import { addEvaluate } from "./evaluate.ts";
import { addRecord } from "./record.ts";
import { addReport } from "./report.ts";
import { addReproduce } from "./reproduce.ts";
import { addReading, addSample } from "./sample.ts";
import { addShuffle } from "./shuffle.ts";
import { addTrain } from "./train.ts";

export function addLab(program: Command): void {
  const lab = program.command("lab").description("offline work: record, train, calibrate, evaluate");
  addRecord(lab);
  addTrain(lab);
  addCalibrate(lab);
  addEvaluate(lab);
  addShuffle(lab);
  addReport(lab);
  addReproduce(lab);
  addSample(lab);
  addReading(lab);
}
