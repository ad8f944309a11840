// The programs that every system has, by command name. One list; a host adds its own (text tools, later programs of
// the real system) in front of or behind it.

import { linkSyntaxes } from "./links/syntax.ts";
import { shellPrograms } from "./shell/programs.ts";
import type { Program } from "./system/process.ts";
import { ovsAppctl } from "./tools/ovs-appctl/ovs-appctl.ts";
import { ovsDpctl } from "./tools/ovs-dpctl/ovs-dpctl.ts";
import { arping } from "./tools/arping/arping.ts";
import { brctl } from "./tools/brctl/brctl.ts";
import { bridge } from "./tools/bridge/bridge.ts";
import { busybox } from "./tools/busybox/busybox.ts";
import { coreutils } from "./tools/coreutils/programs.ts";
import { ethtool } from "./tools/ethtool/ethtool.ts";
import { mountPrograms } from "./tools/mount/programs.ts";
import { modulePrograms } from "./tools/kmod/kmod.ts";
import { map } from "./tools/map/map.ts";
import { createIp } from "./tools/ip/ip.ts";
import { envsubst } from "./tools/gettext/envsubst.ts";
import { getent } from "./tools/getent/getent.ts";
import { hexdump } from "./tools/hexdump/hexdump.ts";
import { ncursesPrograms } from "./tools/ncurses/programs.ts";
import { processPrograms } from "./tools/procps/processes.ts";
import { uptime } from "./tools/procps/uptime.ts";
import { flock } from "./tools/flock/flock.ts";
import { logger } from "./tools/logger/logger.ts";
import { watch } from "./tools/procps/watch.ts";
import { namespacePrograms } from "./tools/unshare/unshare.ts";
import { netToolsPrograms } from "./tools/net-tools/programs.ts";
import { ovsVsctl } from "./tools/ovs-vsctl/ovs-vsctl.ts";
import { ovsOfctl } from "./tools/ovs-ofctl/ovs-ofctl.ts";
import { ovsdbClient } from "./tools/ovsdb-client/ovsdb-client.ts";
import { ovsdbTool } from "./tools/ovsdb-tool/ovsdb-tool.ts";
import { ovsCtl, service, switchInitScript } from "./tools/ovs-ctl/ovs-ctl.ts";
import { ovsdbServer } from "./tools/ovsdb-server/ovsdb-server.ts";
import { ovsVswitchd } from "./tools/ovs-vswitchd/ovs-vswitchd.ts";
import { netcat } from "./tools/netcat/netcat.ts";
import { nstat } from "./tools/nstat/nstat.ts";
import { ping } from "./tools/ping/ping.ts";
import { scan } from "./tools/scan/scan.ts";
import { ss } from "./tools/ss/ss.ts";
import { sysctl } from "./tools/sysctl/sysctl.ts";
import { systemctl } from "./tools/systemctl/systemctl.ts";
import { tc } from "./tools/tc/tc.ts";
import { trace } from "./tools/trace/trace.ts";
import { tcpdump } from "./tools/tcpdump/tcpdump.ts";
import { tracepath } from "./tools/tracepath/tracepath.ts";
import { doctor } from "./tools/why/doctor.ts";
import { why } from "./tools/why/why.ts";
import { traceroute } from "./tools/traceroute/traceroute.ts";
import { xxd } from "./tools/xxd/xxd.ts";

export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...shellPrograms,
  ...coreutils,
  ...netToolsPrograms,
  ...ncursesPrograms,
  ...modulePrograms,
  ...processPrograms,
  ...mountPrograms,
  ...namespacePrograms,
  ["ovs-appctl", ovsAppctl],
  ["ovs-dpctl", ovsDpctl],
  ["arping", arping],
  ["brctl", brctl],
  ["busybox", busybox],
  ["doctor", doctor],
  ["envsubst", envsubst],
  ["ethtool", ethtool],
  ["flock", flock],
  ["getent", getent],
  ["hexdump", hexdump],
  ["hd", hexdump],
  ["ip", createIp(linkSyntaxes)],
  ["bridge", bridge],
  ["ovs-vsctl", ovsVsctl],
  ["ovs-ofctl", ovsOfctl],
  ["ovsdb-client", ovsdbClient],
  ["ovsdb-server", ovsdbServer],
  ["ovsdb-tool", ovsdbTool],
  ["ovs-vswitchd", ovsVswitchd],
  ["ovs-ctl", ovsCtl],
  ["service", service],
  ["openvswitch-switch", switchInitScript],
  ["nc", netcat],
  ["nc.openbsd", netcat],
  ["netcat", netcat],
  ["nstat", nstat],
  ["ping", ping],
  ["ping4", ping],
  ["ping6", ping],
  ["logger", logger],
  ["map", map],
  ["scan", scan],
  ["ss", ss],
  ["sysctl", sysctl],
  ["systemctl", systemctl],
  ["tc", tc],
  ["trace", trace],
  ["tcpdump", tcpdump],
  ["tracepath", tracepath],
  ["traceroute", traceroute],
  ["traceroute6", traceroute],
  ["uptime", uptime],
  ["watch", watch],
  ["why", why],
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
