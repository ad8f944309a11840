// ovs-dpctl(8) of Open vSwitch 3.1.0: shows the datapaths of the kernel. The real one talks generic netlink to the kernel;
// here the switch daemon is asked, whose dpctl/* commands are the same ones. So it shows nothing once the daemon has exited.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Program } from "../../system/process.ts";
import { callDaemon, controlPath } from "../ovs-appctl/unixctl-client.ts";

const VERSION = "ovs-dpctl (Open vSwitch) 3.1.0\n";

const USAGE = `ovs-dpctl: Open vSwitch datapath management utility
usage: ovs-dpctl [OPTIONS] COMMAND [ARG...]
  show                     show basic info on all datapaths
  show DP...               show basic info on each DP
  dump-dps                 display names of all datapaths
  dump-flows [DP]          display flows in DP
  del-flows [DP]           delete all flows from DP
  cache-get-size [DP]      show the current cache sizes

Other options:
  -s,  --statistics           print statistics for port or flow
  -m, --more                  increase verbosity of output
  --names                     use port names in output
  -h, --help                  display this help message
  -V, --version               display version information
`;

const COMMANDS: ReadonlySet<string> = new Set([
  "show",
  "dump-dps",
  "dump-flows",
  "del-flows",
  "cache-get-size",
]);

export const ovsDpctl: Program = async (process) => {
  const words = process.argv.slice(1);
  if (words.includes("-h") || words.includes("--help")) {
    process.print(USAGE);
    return 0;
  }
  if (words.includes("-V") || words.includes("--version")) {
    process.print(VERSION);
    return 0;
  }
  const options = words.filter((word) => word.startsWith("-"));
  const [command, ...args] = words.filter((word) => !word.startsWith("-"));
  if (command === undefined) {
    process.warn("ovs-dpctl: missing command name; use --help for help\n");
    return 1;
  }
  if (!COMMANDS.has(command)) {
    process.warn(`ovs-dpctl: unknown command '${command}'; use --help for help\n`);
    return 1;
  }
  const path = controlPath(process, "ovs-vswitchd");
  if (typeof path !== "string") {
    process.warn(`ovs-dpctl: ${path.error}\n`);
    return 1;
  }
  try {
    const answer = await callDaemon(process, path, `dpctl/${command}`, [...options, ...args]);
    if (answer.type === "result") {
      process.print(answer.text);
      return 0;
    }
    // what both programs share speaks under the name of the program that it is in
    process.warn(
      answer.type === "error"
        ? `ovs-dpctl: ${answer.text.replace(/^ovs-vswitchd: /gm, (_, at: number) => (at === 0 ? "" : "ovs-dpctl: "))}`
        : "ovs-dpctl: the daemon has gone\n",
    );
    return 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.warn(`ovs-dpctl: cannot connect to "${path}" (${strerror(error.errno)})\n`);
    return 1;
  }
};
