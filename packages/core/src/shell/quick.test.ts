import { test } from "vitest";
import { runBash } from "./testing/test-system.ts";
import { readFileSync } from "node:fs";
test("quick", async () => {
  for (const script of readFileSync("/tmp/quick.txt", "utf8").split("\n====\n")) {
    const r = await runBash(script);
    console.log(`$ ${script}\n${r.stdout}2>${r.stderr}[${r.code}]`);
  }
});
