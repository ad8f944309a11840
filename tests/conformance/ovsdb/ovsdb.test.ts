// OVSDB beside Debian's: random transactions and schemas at the server, random calls of ovs-vsctl, ovsdb-tool and ovsdb-client, and
// scripts that use every command of ovsdb-client, the server's control socket, and one server as the backup of another.

import { describe, expect, test } from "vitest";
import { realToolsMissing } from "../ovs-tools/compare.ts";
import { differencesOfScript, differingLines } from "./compare-lines.ts";
import { compareSchemas, compareTransactions } from "./compare-servers.ts";
import { randomLines } from "./random-lines.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`OVSDB: not compared, ${missing}`);

const TRANSACTIONS = 500;
const SCHEMAS = 80;
const LINES = { vsctl: 40, files: 40, clients: 30, switch: 40 } as const;
const SEED = 1;

describe.concurrent("OVSDB answers as the original's", { timeout: 120_000 }, () => {
  test.skipIf(missing !== undefined)("random transactions", async () => {
    expect(await compareTransactions(SEED, TRANSACTIONS)).toEqual([]);
  });

  test.skipIf(missing !== undefined)("random schemas", async () => {
    expect(await compareSchemas(SEED, SCHEMAS)).toEqual([]);
  });

  test.skipIf(missing !== undefined).for(["vsctl", "files", "clients", "switch"] as const)(
    "random calls: %s",
    async (kind) => {
      expect(await differingLines(...randomLines(kind, SEED, LINES[kind]))).toEqual([]);
    },
  );

  test.skipIf(missing !== undefined).for(["client", "server", "backup"])("%s", async (script) => {
    expect(await differencesOfScript(script)).toEqual([]);
  });
});
