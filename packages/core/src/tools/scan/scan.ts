// scan: what network this machine has. Our own program: a tree of every namespace with its devices, the other ends of its
// cables, bridges with what they know, addresses and routes, and the bridges of Open vSwitch. It changes nothing.

import { has, parseOptions, usageError } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { USAGE_STATUS } from "../trace/usage.ts";
import { scanHost } from "./read-host.ts";
import { scanTree } from "./tree.ts";

const HELP = `Usage: scan [--json]
Shows every network namespace of the machine: those with a name, those of processes and those that something has
mounted; their devices, the other ends of veth pairs, bridges with their ports, VLANs and addresses, IP addresses and
routes; and the bridges in Open vSwitch's database. What may not be read is named.
  -j, --json   as JSON
  -h, --help   this text
In the tree, "vlan 1pu,10-20" are a port's VLANs: p for PVID, u for untagged.
The exit code is 0, 1 if something could not be read, 2 for wrong usage.
`;

const INCOMPLETE = 1;

export const scan = program(async (process) => {
  const parsed = parseOptions(process, { short: "jh", long: { json: "j", help: "h" } }, USAGE_STATUS);
  if (has(parsed, "h")) {
    process.print(HELP);
    return 0;
  }
  const [extra] = parsed.operands;
  if (extra !== undefined) usageError(process, `extra operand '${extra}'`, USAGE_STATUS);
  const result = await scanHost(process);
  process.print(has(parsed, "j") ? `${JSON.stringify(result, undefined, 2)}\n` : scanTree(result));
  return result.unread.length > 0 ? INCOMPLETE : 0;
});
