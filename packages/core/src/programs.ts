// The programs that every system has, by command name. One list; a host adds its own (text tools, later programs of
// the real system) in front of or behind it.

import { linkSyntaxes } from "./links/syntax.ts";
import { shellPrograms } from "./shell/programs.ts";
import { onDemand } from "./system/on-demand.ts";
import type { Program } from "./system/process.ts";
import { arping } from "./tools/arping/arping.ts";
import { brctl } from "./tools/brctl/brctl.ts";
import { bridge } from "./tools/bridge/bridge.ts";
import { busybox } from "./tools/busybox/busybox.ts";
import { column } from "./tools/column/column.ts";
import { coreutils } from "./tools/coreutils/programs.ts";
import { ethtool } from "./tools/ethtool/ethtool.ts";
import { mountPrograms } from "./tools/mount/programs.ts";
import { modulePrograms } from "./tools/kmod/kmod.ts";
import { createIp } from "./tools/ip/ip.ts";
import { envsubst } from "./tools/gettext/envsubst.ts";
import { getent } from "./tools/getent/getent.ts";
import { getopt } from "./tools/getopt/getopt.ts";
import { hexdump } from "./tools/hexdump/hexdump.ts";
import { ncursesPrograms } from "./tools/ncurses/programs.ts";
import { processPrograms } from "./tools/procps/processes.ts";
import { uptime } from "./tools/procps/uptime.ts";
import { lsns } from "./tools/lsns/lsns.ts";
import { flock } from "./tools/flock/flock.ts";
import { logger } from "./tools/logger/logger.ts";
import { watch } from "./tools/procps/watch.ts";
import { namespacePrograms } from "./tools/unshare/unshare.ts";
import { netToolsPrograms } from "./tools/net-tools/programs.ts";
import { netcat } from "./tools/netcat/netcat.ts";
import { nstat } from "./tools/nstat/nstat.ts";
import { ping } from "./tools/ping/ping.ts";
import { ss } from "./tools/ss/ss.ts";
import { sysctl } from "./tools/sysctl/sysctl.ts";
import { tc } from "./tools/tc/tc.ts";
import { tracepath } from "./tools/tracepath/tracepath.ts";
import { traceroute } from "./tools/traceroute/traceroute.ts";
import { xxd } from "./tools/xxd/xxd.ts";

const SWITCH =
  "ovs-appctl ovs-ctl ovs-dpctl ovs-ofctl ovs-pcap ovs-tcpundump ovs-testcontroller ovs-vsctl ovs-vswitchd ovsdb-client ovsdb-server ovsdb-tool openvswitch-switch service systemctl".split(
    " ",
  );
const EXPLAINING = ["doctor", "map", "scan", "trace", "why"];

export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...shellPrograms,
  ...coreutils,
  ...netToolsPrograms,
  ...ncursesPrograms,
  ...modulePrograms,
  ...processPrograms,
  ...mountPrograms,
  ...namespacePrograms,
  ...onDemand(SWITCH, async () => (await import("./tools/openvswitch/programs.ts")).switchPrograms),
  ...onDemand(EXPLAINING, async () => (await import("./tools/explain/programs.ts")).explainingPrograms),
  ...onDemand(["awk", "gawk", "mawk"], async () => (await import("./tools/awk/awk.ts")).awkPrograms),
  ...onDemand(["sed"], async () => new Map([["sed", (await import("./tools/sed/sed.ts")).sed]])),
  ...onDemand(["bc"], async () => new Map([["bc", (await import("./tools/bc/bc.ts")).bc]])),
  ...onDemand(
    ["tcpdump"],
    async () => new Map([["tcpdump", (await import("./tools/tcpdump/tcpdump.ts")).tcpdump]]),
  ),
  ...onDemand(["curl"], async () => new Map([["curl", (await import("./tools/curl/curl.ts")).curl]])),
  ...onDemand(["iperf3"], async () => new Map([["iperf3", (await import("./tools/iperf/iperf.ts")).iperf]])),
  ["arping", arping],
  ["brctl", brctl],
  ["busybox", busybox],
  ["column", column],
  ["envsubst", envsubst],
  ["ethtool", ethtool],
  ["flock", flock],
  ["getent", getent],
  ["getopt", getopt],
  ["hexdump", hexdump],
  ["hd", hexdump],
  ["ip", createIp(linkSyntaxes)],
  ["bridge", bridge],
  ["nc", netcat],
  ["nc.openbsd", netcat],
  ["netcat", netcat],
  ["nstat", nstat],
  ["ping", ping],
  ["ping4", ping],
  ["ping6", ping],
  ["logger", logger],
  ["lsns", lsns],
  ["ss", ss],
  ["sysctl", sysctl],
  ["tc", tc],
  ["tracepath", tracepath],
  ["traceroute", traceroute],
  ["traceroute6", traceroute],
  ["uptime", uptime],
  ["watch", watch],
  ["xxd", xxd],
]);

const ADMINISTRATORS: ReadonlySet<string> = new Set(
  "arp ifconfig route brctl ethtool insmod ip bridge modinfo modprobe ovsdb-server ovs-vswitchd rmmod service sysctl tc traceroute".split(
    " ",
  ),
);

/** Where Debian keeps a program: scripts look whether it is there. */
export function programPath(name: string): string {
  if (name === "ovs-ctl") return `/usr/share/openvswitch/scripts/${name}`;
  if (name === "openvswitch-switch") return `/etc/init.d/${name}`;
  return `/usr/${ADMINISTRATORS.has(name) ? "sbin" : "bin"}/${name}`;
}

/** The program that a command word names: its last component, if it is a bare name or in a directory of programs. */
export function programNamed(word: string, list = programs): Program | undefined {
  const match =
    /^(?:\/(?:usr\/)?(?:local\/)?s?bin\/|\/usr\/share\/openvswitch\/scripts\/|\/etc\/init\.d\/)?([^/]+)$/.exec(
      word,
    );
  return match?.[1] === undefined ? undefined : list.get(match[1]);
}
