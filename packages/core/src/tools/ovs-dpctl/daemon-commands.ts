// Commands about tracked connections: they are those of the switch daemon, which is asked for them.

import type { DpctlCommands, DpctlOptions } from "../../dpctl/call.ts";
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { callDaemon, controlPath } from "../ovs-appctl/unixctl-client.ts";

const COMMANDS: readonly (readonly [name: string, usage: string, least: number, most: number])[] = [
  ["dump-conntrack", "[-m] [-s] [dp] [zone=N]", 0, 4],
  ["flush-conntrack", "[dp] [zone=N] [ct-orig-tuple] [ct-reply-tuple]", 0, 4],
  ["ct-stats-show", "[dp] [zone=N]", 0, 3],
  ["ct-bkts", "[dp] [gt=N]", 0, 2],
  ["ct-set-maxconns", "[dp] maxconns", 1, 2],
  ["ct-get-maxconns", "[dp]", 0, 1],
  ["ct-get-nconns", "[dp]", 0, 1],
  ["ct-enable-tcp-seq-chk", "[dp]", 0, 1],
  ["ct-disable-tcp-seq-chk", "[dp]", 0, 1],
  ["ct-get-tcp-seq-chk", "[dp]", 0, 1],
  ["ipf-set-enabled", "[dp] v4|v6", 1, 2],
  ["ipf-set-disabled", "[dp] v4|v6", 1, 2],
  ["ipf-set-min-frag", "[dp] v4|v6 minfragment", 2, 3],
  ["ipf-set-max-nfrags", "[dp] maxfrags", 1, 2],
  ["ipf-get-status", "[dp]", 0, 1],
];

/** Their names. */
export function addDaemonCommands(commands: DpctlCommands): ReadonlySet<string> {
  for (const [name, usage, least, most] of COMMANDS) {
    commands.add(name, usage, least, most, () => {
      throw new Error(`${name} is the daemon's`);
    });
  }
  return new Set(COMMANDS.map(([name]) => name));
}

/** The exit code. */
export async function askDaemon(
  process: Process,
  command: string,
  options: DpctlOptions,
  words: readonly string[],
): Promise<number> {
  const path = controlPath(process, "ovs-vswitchd");
  if (typeof path !== "string") {
    process.warn(`ovs-dpctl: ${path.error}\n`);
    return 1;
  }
  const flags = [...(options.verbose ? ["-m"] : []), ...(options.statistics ? ["-s"] : [])];
  try {
    const answer = await callDaemon(process, path, `dpctl/${command}`, [...flags, ...words]);
    if (answer.type === "result") {
      process.print(answer.text);
      return 0;
    }
    const text = answer.type === "error" ? answer.text : "ovs-vswitchd: the daemon has gone\n";
    process.warn(text.replace(/^ovs-vswitchd: /gm, "ovs-dpctl: "));
    return 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.warn(`ovs-dpctl: cannot connect to "${path}" (${strerror(error.errno)})\n`);
    return 1;
  }
}
