// One run for the unit tests beside the sources and for the suites under tests/. They take the packages as `tsc -b` has built them
// (tests/built-packages.ts does so first), for Node loads those itself, in a tenth of the time that it takes to load the sources.

import { availableParallelism } from "node:os";
import { builtPackages } from "./tests/built-packages.ts";
import { defineConfig } from "vitest/config";

/** Compare what the real kernel's timers bring about: a busy machine makes them late, so each runs alone, after the others. */
const TIMED = [
  "tests/conformance/fuzz.test.ts",
  "tests/conformance/real/*.test.ts",
  "tests/linux/cleanup.test.ts",
];

export default defineConfig({
  plugins: [builtPackages],
  test: {
    reporters: ["default"],
    // A busy machine is slow; what hangs is found all the same.
    testTimeout: 60_000,
    // Test files share their modules: loading the core anew for each took most of the time, and it keeps no state of its own.
    isolate: false,
    globalSetup: "tests/built-packages.ts",
    server: { deps: { external: [/\/packages\/\w+\/dist\//] } },
    // Scripts that wait for timers most of the time.
    maxConcurrency: 8,
    projects: [
      {
        extends: true,
        test: {
          name: "plain",
          include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
          exclude: TIMED,
          // One more than there are processors: what many tests wait for are programs and daemons.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "timed", include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
