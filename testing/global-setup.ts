import { fetchDefaultModel } from "@modx/hub";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the default model's file. */
    modelFile: string;
  }
}

/** Fetches the default model once, so that every test runs on the real thing. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide("modelFile", await fetchDefaultModel());
}
