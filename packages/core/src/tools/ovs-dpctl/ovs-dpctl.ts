// ovs-dpctl(8) of Open vSwitch 3.1.0: shows and changes the datapaths of the kernel. The real one talks generic netlink to the kernel;
// here the switch daemon is asked, whose dpctl/* commands are the same ones. So it shows nothing once the daemon has exited.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Program } from "../../system/process.ts";
import { callDaemon, controlPath } from "../ovs-appctl/unixctl-client.ts";

const VERSION = "ovs-dpctl (Open vSwitch) 3.1.0\n";

const USAGE = `ovs-dpctl: Open vSwitch datapath management utility
usage: ovs-dpctl [OPTIONS] COMMAND [ARG...]
  add-dp DP [IFACE...]     add new datapath DP (with IFACEs)
  del-dp DP                delete local datapath DP
  add-if DP IFACE...       add each IFACE as a port on DP
  set-if DP IFACE...       reconfigure each IFACE within DP
  del-if DP IFACE...       delete each IFACE from DP
  dump-dps                 display names of all datapaths
  show                     show basic info on all datapaths
  show DP...               show basic info on each DP
  dump-flows [DP]          display flows in DP
  add-flow [DP] FLOW ACTIONS add FLOW with ACTIONS to DP
  add-flows [DP] FILE        add flows from FILE
  mod-flow [DP] FLOW ACTIONS change FLOW actions to ACTIONS in DP
  mod-flows [DP] FILE        change flows from FILE
  get-flow [DP] ufid:UFID    fetch flow corresponding to UFID
  del-flow [DP] FLOW         delete FLOW from DP
  del-flows [DP] [FILE]      delete all or specified flows from DP
  cache-get-size [DP]             Show the current size for all caches
  cache-set-size DP CACHE SIZE  Set cache size for a specific cache
  dump-conntrack [DP] [zone=ZONE]  display conntrack entries for ZONE
  flush-conntrack [DP] [zone=ZONE] [ct-tuple]delete matched conntrack entries in ZONE
  ct-stats-show [DP] [zone=ZONE] [verbose] CT connections grouped by protocol
  ct-bkts [DP] [gt=N] display connections per CT bucket
Each IFACE on add-dp, add-if, and set-if may be followed by
comma-separated options.  See ovs-dpctl(8) for syntax, or the
Interface table in ovs-vswitchd.conf.db(5) for an options list.
For COMMAND dump-flows, add-flow, add-flows, mod-flow,
mod-flows, del-flow and del-flows, DP is optional if there is
only one datapath.

Logging options:
  -vSPEC, --verbose=SPEC   set logging levels
  -v, --verbose            set maximum verbosity level
  --log-file[=FILE]        enable logging to specified FILE
                           (default: LOG_DIRECTORY/ovs-dpctl.log)
  --syslog-method=(libc|unix:file|udp:ip:port)
                           specify how to send messages to syslog daemon
  --syslog-target=HOST:PORT  also send syslog msgs to HOST:PORT via UDP

Options for show and mod-flow:
  -s,  --statistics           print statistics for port or flow

Options for dump-flows:
  -m, --more                  increase verbosity of output
  --names                     use port names in output

Options for mod-flow:
  --may-create                create flow if it doesn't exist
  --read-only                 do not run read/write commands
  --clear                     reset existing stats to zero

Other options:
  -t, --timeout=SECS          give up after SECS seconds
  -h, --help                  display this help message
  -V, --version               display version information
`;

const COMMANDS: ReadonlySet<string> = new Set(
  (
    "add-dp del-dp add-if del-if set-if dump-dps show dump-flows add-flow mod-flow get-flow del-flow add-flows " +
    "mod-flows del-flows offload-stats-show dump-conntrack flush-conntrack cache-get-size cache-set-size " +
    "ct-stats-show ct-bkts ct-set-maxconns ct-get-maxconns ct-get-nconns ct-enable-tcp-seq-chk " +
    "ct-disable-tcp-seq-chk ct-get-tcp-seq-chk ct-set-limits ct-del-limits ct-get-limits ipf-set-enabled " +
    "ipf-set-disabled ipf-set-min-frag ipf-set-max-nfrags ipf-get-status list-commands parse-actions " +
    "normalize-actions"
  ).split(" "),
);

/** Commands as they are called here. */
function ownNames(text: string): string {
  return text
    .replace(/^  dpctl\//gm, "  ")
    .replace(/^(?=  list-commands )/m, "  help                    \n")
    .replace(/^"dpctl\/(\S+)" command/, "'$1' command");
}

export const ovsDpctl: Program = async (process) => {
  const words = process.argv.slice(1);
  if (words.includes("-h") || words.includes("--help")) {
    process.print(USAGE.replace("LOG_DIRECTORY", process.env.get("OVS_LOGDIR") ?? "/var/log/openvswitch"));
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
      process.print(ownNames(answer.text));
      return 0;
    }
    // what both programs share speaks under the name of the program that it is in
    process.warn(
      answer.type === "error"
        ? `ovs-dpctl: ${ownNames(answer.text).replace(/^ovs-vswitchd: /gm, (_, at: number) => (at === 0 ? "" : "ovs-dpctl: "))}`
        : "ovs-dpctl: the daemon has gone\n",
    );
    return 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.warn(`ovs-dpctl: cannot connect to "${path}" (${strerror(error.errno)})\n`);
    return 1;
  }
};
