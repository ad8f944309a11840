// OVSDB beside Debian's: random transactions and schemas at the server, random calls of ovs-vsctl, and scripts that use every
// command of ovsdb-client, the server's control socket, and one server as the backup of another.

import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import { openVswitchSchema } from "@patchcord/core/ovsproto/ovsdb/open-vswitch-schema.ts";
import { describe, expect, test } from "vitest";
import { realToolsMissing } from "../ovs-tools/compare.ts";
import { generator } from "../ovs-tools/message-templates.ts";
import { differencesOfScript, differingLines } from "./compare-lines.ts";
import { compareSchemas, compareTransactions } from "./compare-servers.ts";
import { VsctlLines } from "./vsctl-lines.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`OVSDB: not compared, ${missing}`);

const TRANSACTIONS = 500;
const SCHEMAS = 80;
const LINES = 40;
const SEED = 1;

describe.concurrent("OVSDB answers as the original's", { timeout: 120_000 }, () => {
  test.skipIf(missing !== undefined)("random transactions", async () => {
    expect(await compareTransactions(SEED, TRANSACTIONS)).toEqual([]);
  });

  test.skipIf(missing !== undefined)("random schemas", async () => {
    expect(await compareSchemas(SEED, SCHEMAS)).toEqual([]);
  });

  test.skipIf(missing !== undefined)("random calls of ovs-vsctl", async () => {
    const random = new VsctlLines(generator(SEED));
    const lines = Array.from({ length: LINES }, () => random.next());
    expect(await differingLines(lines, formatJson(openVswitchSchema))).toEqual([]);
  });

  test.skipIf(missing !== undefined).for(["client", "server", "backup"])("%s", async (script) => {
    expect(await differencesOfScript(script)).toEqual([]);
  });
});
