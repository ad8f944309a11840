// The programs of Open vSwitch, by command name: its clients, its daemons, and what starts and stops those.

import type { Program } from "../../system/process.ts";
import { ovsAppctl } from "../ovs-appctl/ovs-appctl.ts";
import { ovsCtl, service, switchInitScript } from "../ovs-ctl/ovs-ctl.ts";
import { ovsPcap } from "../ovs-captures/ovs-pcap.ts";
import { ovsTcpundump } from "../ovs-captures/ovs-tcpundump.ts";
import { ovsDpctl } from "../ovs-dpctl/ovs-dpctl.ts";
import { ovsOfctl } from "../ovs-ofctl/ovs-ofctl.ts";
import { ovsTestcontroller } from "../ovs-testcontroller/ovs-testcontroller.ts";
import { ovsVsctl } from "../ovs-vsctl/ovs-vsctl.ts";
import { ovsVswitchd } from "../ovs-vswitchd/ovs-vswitchd.ts";
import { ovsdbClient } from "../ovsdb-client/ovsdb-client.ts";
import { ovsdbServer } from "../ovsdb-server/ovsdb-server.ts";
import { ovsdbTool } from "../ovsdb-tool/ovsdb-tool.ts";
import { systemctl } from "../systemctl/systemctl.ts";

export const switchPrograms: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["ovs-appctl", ovsAppctl],
  ["ovs-ctl", ovsCtl],
  ["ovs-dpctl", ovsDpctl],
  ["ovs-ofctl", ovsOfctl],
  ["ovs-pcap", ovsPcap],
  ["ovs-tcpundump", ovsTcpundump],
  ["ovs-testcontroller", ovsTestcontroller],
  ["ovs-vsctl", ovsVsctl],
  ["ovs-vswitchd", ovsVswitchd],
  ["ovsdb-client", ovsdbClient],
  ["ovsdb-server", ovsdbServer],
  ["ovsdb-tool", ovsdbTool],
  ["openvswitch-switch", switchInitScript],
  ["service", service],
  ["systemctl", systemctl],
]);
