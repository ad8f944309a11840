// OVSDB beside Debian's: random transactions and schemas at the server, and scripts that use every command of ovsdb-client and
// one server as the backup of another.

import { describe, expect, test } from "vitest";
import { realToolsMissing } from "../ovs-tools/compare.ts";
import { differencesOfScript } from "./compare-lines.ts";
import { compareSchemas, compareTransactions } from "./compare-servers.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`OVSDB: not compared, ${missing}`);

const TRANSACTIONS = 1000;
const SCHEMAS = 150;

describe.concurrent("OVSDB answers as the original's", { timeout: 120_000 }, () => {
  test.skipIf(missing !== undefined)("random transactions", async () => {
    expect(await compareTransactions(1, TRANSACTIONS)).toEqual([]);
  });

  test.skipIf(missing !== undefined)("random schemas", async () => {
    expect(await compareSchemas(1, SCHEMAS)).toEqual([]);
  });

  test.skipIf(missing !== undefined).for(["client", "backup"])("%s", async (script) => {
    expect(await differencesOfScript(script)).toEqual([]);
  });
});
