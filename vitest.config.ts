import { defineConfig } from "vitest/config";

// Tests run on the sources, not on dist/.
const conditions = ["@modx/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "organisms/**/*.test.ts",
      "testing/**/*.test.ts",
    ],
    globalSetup: ["testing/global-setup.ts"],
    // One model at a time on two cores; files still run in separate processes, so that native state is not shared.
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
