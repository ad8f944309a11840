// OVSDB beside Debian's: random transactions and schemas at the server, random calls of ovs-vsctl, ovsdb-tool and ovsdb-client, and
// scripts that use every command of ovsdb-client, the server's control socket, and one server as the backup of another.

import { describe, expect, test } from "vitest";
import { realToolsMissing } from "../ovs-tools/compare.ts";
import { differingEachTime } from "../each-time.ts";
import { describeDifference, differencesOfScript, differingLines } from "./compare-lines.ts";
import type { LineDifference } from "./compare-lines.ts";
import { compareSchemas, compareSessions, compareTransactions } from "./compare-servers.ts";
import { randomLines } from "./random-lines.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`OVSDB: not compared, ${missing}`);

const TRANSACTIONS = 500;
const SCHEMAS = 80;
const SESSIONS = 500;
const LINES = { vsctl: 40, files: 40, clients: 30, switch: 40 } as const;
const SEED = 1;

/** Daemons follow each other in these: what differs does so every time. */
const lineByLine = (
  title: string,
  compare: () => Promise<readonly LineDifference[]>,
): Promise<LineDifference[]> =>
  differingEachTime(
    `OVSDB, ${title}`,
    async () => new Map((await compare()).map((each) => [each.line, each])),
    describeDifference,
  );

describe.concurrent("OVSDB answers as the original's", { timeout: 300_000 }, () => {
  test.skipIf(missing !== undefined)("random transactions", async () => {
    expect(await compareTransactions(SEED, TRANSACTIONS)).toEqual([]);
  });

  test.skipIf(missing !== undefined)("random schemas", async () => {
    expect(await compareSchemas(SEED, SCHEMAS)).toEqual([]);
  });

  test.skipIf(missing !== undefined)("random requests of clients that share a server", async () => {
    const compare = async () => new Map((await compareSessions(SEED, SESSIONS)).entries());
    const differing = await differingEachTime("OVSDB, clients that share a server", compare, (each) =>
      JSON.stringify(each),
    );
    expect(differing).toEqual([]);
  });

  test.skipIf(missing !== undefined).for(["vsctl", "files", "clients", "switch"] as const)(
    "random calls: %s",
    async (kind) => {
      const compare = () => differingLines(...randomLines(kind, SEED, LINES[kind]));
      expect(await lineByLine(kind, compare)).toEqual([]);
    },
  );

  test.skipIf(missing !== undefined).for(["client", "server", "backup"])("%s", async (script) => {
    expect(await lineByLine(script, () => differencesOfScript(script))).toEqual([]);
  });
});
