// What differs between the two: `npx tsx --conditions=source tests/conformance/ovsdb/show.ts
// transactions|schemas|sessions|vsctl|files|clients|switch SEED COUNT`, or with the name of a script.

import { describeDifference, differencesOfScript, differingLines } from "./compare-lines.ts";
import { compareSchemas, compareSessions, compareTransactions } from "./compare-servers.ts";
import { isLineKind, randomLines } from "./random-lines.ts";

const MOST = 20;
const COMPARISONS = new Map([
  ["transactions", compareTransactions],
  ["schemas", compareSchemas],
  ["sessions", compareSessions],
]);

const [what = "transactions", seedText = "1", countText = "1000"] = process.argv.slice(2);
const seed = Number(seedText);
const count = Number(countText);

async function lines(): Promise<string[]> {
  const differences = isLineKind(what)
    ? await differingLines(...randomLines(what, seed, count))
    : await differencesOfScript(what);
  return differences.map(describeDifference);
}

async function requests(): Promise<string[]> {
  const compare = COMPARISONS.get(what) ?? compareTransactions;
  const differences = await compare(seed, count);
  return differences.map(
    ({ request, real, ours }) =>
      `${request}\n  real ${real.join("\n       ")}\n  ours ${ours.join("\n       ")}`,
  );
}

const texts = await (COMPARISONS.has(what) ? requests() : lines());
console.log(texts.slice(0, MOST).join("\n\n"));
console.log(`${texts.length} of ${count} differ`);
