// One run for the unit tests beside the sources and for the suites under tests/. The packages are read from
// their sources (the "development" condition of their exports), so no build is needed to run a test.
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["development"] },
  ssr: { resolve: { conditions: ["development"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    reporters: ["default"],
    testTimeout: 20_000,
    // Test files share their modules: loading the core anew for each took most of the time, and it keeps no state of its own.
    isolate: false,
    // One of two CPUs would idle else, and what waits for the real kernel's timers would hold up the rest.
    maxWorkers: "100%",
  },
});
