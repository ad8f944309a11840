// `npm run soak -- [COUNT]`: kills a bring-up at random system calls, a thousand times over, and cleans up after each.

import { Command } from "../cli/command.ts";
import { killAndClean, killAndCleanMissing } from "./kill-and-clean.ts";

const COUNT = Number(process.argv[2] ?? 1000);
const BATCH = 20;
const CALLS = ["sendmsg", "mount", "write,pwrite64", "setns", "openat", "close"];
/** More than a bring-up makes of any of them; larger numbers are runs that end by themselves. */
const MOST: Readonly<Record<string, number>> = { sendmsg: 200, mount: 5, "write,pwrite64": 240, setns: 160 };

const missing = killAndCleanMissing();
if (missing !== undefined) {
  console.log(`It cannot be done here: ${missing}.`);
  process.exit(1);
}
const command = new Command();
let done = 0;
let killed = 0;
let wrong = 0;
try {
  while (done < COUNT) {
    const points = Array.from({ length: Math.min(BATCH, COUNT - done) }, () => {
      const calls = CALLS[Math.floor(Math.random() * CALLS.length)] ?? "sendmsg";
      return { calls, at: 1 + Math.floor(Math.random() * (MOST[calls] ?? 400)) };
    });
    for (const outcome of await killAndClean(command, points)) {
      done++;
      if (outcome.ended === 137) killed++;
      if (outcome.difference === "") continue;
      wrong++;
      console.log(`${outcome.calls} ${outcome.at}: ${outcome.difference}`);
    }
    console.log(`${done} runs, ${killed} killed, ${wrong} not as before`);
  }
} finally {
  command.remove();
}
process.exitCode = wrong === 0 ? 0 : 1;
