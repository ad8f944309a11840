// `npx tsx --conditions=source tests/conformance/whole/record.ts NAME...`: runs whole scripts with the real programs in a guest with
// Linux 6.1, each in namespaces of its own, twice, and writes what they print to NAME.1.txt and NAME.2.txt.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boot, guestMissing } from "../real/guest.ts";
import { SCRIPTS, scriptNames } from "./scripts.ts";

const missing = guestMissing();
if (missing !== undefined) {
  console.log(`There can be no guest here: ${missing}.`);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const names = scriptNames().filter((name) => wanted.length === 0 || wanted.includes(name));
const folder = mkdtempSync(join(tmpdir(), "patchcord-whole-"));
const results = join(folder, "results");
mkdirSync(results);
try {
  for (const name of names) copyFileSync(join(SCRIPTS, `${name}.sh`), join(results, `${name}.sh`));
  copyFileSync(join(import.meta.dirname, "run-apart.sh"), join(results, "run-apart"));
  const options = { loopbackUp: true, hostName: "vethhost", pause: 0 };
  const said = await boot(folder, results, options, join(import.meta.dirname, "guest-init.sh"));
  for (const name of names) {
    for (const run of [1, 2]) {
      const text = readFileSync(join(results, `${name}.${run}.txt`), "utf8");
      if (!/\[exit \d+\]\n$/.test(text)) throw new Error(`${name} did not end: ${said}`);
      writeFileSync(join(SCRIPTS, `${name}.${run}.txt`), text);
    }
    console.log(`${name}: recorded`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
