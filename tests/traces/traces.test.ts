// docs/traces/ says what the program says now.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, traceDocuments } from "./documents.ts";

test("docs/traces is up to date (npm run traces)", async () => {
  const made = await traceDocuments();
  expect(readdirSync(folder).sort()).toEqual([...made.keys()].sort());
  for (const [name, text] of made) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
});
