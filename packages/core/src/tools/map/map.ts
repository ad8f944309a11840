// map: which container's eth0 is which veth on this host, on which bridge and port, in both directions. Our own program.

import { has, parseOptions, usageError } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";
import { scanHost } from "../scan/read-host.ts";
import { netnsTitle } from "../scan/tree.ts";
import { USAGE_STATUS } from "../trace/usage.ts";
import { namesFromSockets } from "./engine-sockets.ts";
import { explainRow } from "./explain.ts";
import { mapRows, rowsFor } from "./rows.ts";
import type { MapRow } from "./rows.ts";

const HELP = `Usage: map [--explain] [--json] [CONTAINER|MACHINE|DEVICE|PID|UUID|MAC]
Shows for every container, namespace and virtual machine which of its devices is which device on this host, and the
bridge and port where that one is plugged in. Names come from docker, podman, containerd, Kubernetes, CRI-O, LXC,
systemd-nspawn and libvirt; Neutron's tap, qvb, qvo and qbr devices are followed to the integration bridge, and
UUIDs of ports and machines are those in its external_ids.
  -e, --explain   the three ways to find the other end, or the machine behind a tap, by hand, with what they show here
  -j, --json      as JSON
  -h, --help      this text
The exit code is 0, 1 if nothing has the name that was given, 2 for wrong usage.
`;

const NOT_FOUND = 1;
const HEADER = ["NAME", "BY", "PID", "DEVICE", "HOST DEVICE", "PLUGGED INTO", "ADDRESSES"];

export const map = program(async (process) => {
  const options = { short: "ejh", long: { explain: "e", json: "j", help: "h" } };
  const parsed = parseOptions(process, options, USAGE_STATUS);
  if (has(parsed, "h")) {
    process.print(HELP);
    return 0;
  }
  const [word, extra] = parsed.operands;
  if (extra !== undefined) usageError(process, `extra operand '${extra}'`, USAGE_STATUS);
  const scan = await scanHost(process);
  const unreadable = scan.namespaces.flatMap((netns) =>
    netns.unreadable === undefined ? [] : [`namespace ${netnsTitle(netns)}: ${netns.unreadable}`],
  );
  for (const text of [...unreadable, ...scan.unread]) complain(process, `not read: ${text}`);
  const all = mapRows(process, scan, await namesFromSockets(process));
  const rows = word === undefined ? all : rowsFor(all, word, scan);
  if (rows.length === 0 && word !== undefined) {
    const limit = unreadable.length + scan.unread.length === 0 ? "" : ", as far as could be read";
    complain(
      process,
      `nothing here is called ${word}: no container, device or process of another namespace${limit}`,
    );
    return NOT_FOUND;
  }
  if (has(parsed, "j")) {
    process.print(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 0;
  }
  process.print(table(rows));
  if (has(parsed, "e")) {
    for (const row of rows) if (row.host) process.print(`\n${await explainRow(process, row, scan)}`);
  }
  return 0;
});

function cells({ name, title, engine, pid, mac, inside, host, path }: MapRow): string[] {
  const elsewhere =
    host === undefined || host.netnsTitle === "this namespace" ? "" : ` in ${host.netnsTitle}`;
  return [
    title === undefined ? name : `${name} (${title})`,
    engine,
    pid === undefined ? "-" : String(pid),
    inside === undefined ? "-" : `${inside.device} (${inside.ifindex})`,
    host === undefined ? "-" : `${host.device} (${host.ifindex})${elsewhere}`,
    path.length === 0 ? "-" : path.join(" > "),
    inside?.addresses.join(" ") || mac || "-",
  ];
}

function table(rows: readonly MapRow[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
