// Commands about multicast snooping (ofproto-dpif.c): mdb/show, mdb/flush.

import type { Bundle } from "../../ofproto/port.ts";
import type { MulticastSnooping } from "../../ofproto/multicast/snooping.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { bridgeNamed, portName } from "./bridges.ts";

export function registerMulticastCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const tableOf = (name: string): MulticastSnooping<Bundle> => {
    const { snooping } = bridgeNamed(daemon, name);
    if (!snooping) throw new CommandError("multicast snooping is disabled");
    return snooping;
  };
  server.register("mdb/show", "bridge", 1, 1, ([name = ""]) => show(tableOf(name)));
  server.register("mdb/flush", "[bridge]", 0, 1, ([name]) => {
    if (name !== undefined) tableOf(name).flush();
    else for (const { bridge } of daemon.bridges.values()) bridge.snooping?.flush();
    return "table successfully flushed";
  });
}

function show(table: MulticastSnooping<Bundle>): string {
  let text = " port  VLAN  GROUP                Age\n";
  const head = (bundle: Bundle, vlan: number) =>
    `${portName(bundle).padStart(5)}  ${String(vlan).padStart(4)}  `;
  const seconds = (age: number) => String(age).padStart(3);
  for (const { address, vlan, members } of table.groups()) {
    for (const [bundle, expires] of members) {
      text += `${head(bundle, vlan)}${address}         ${seconds(table.ageOfMember(expires))}\n`;
    }
  }
  for (const router of table.routers()) {
    text += `${head(router.bundle, router.vlan)}querier             ${seconds(table.ageOfRouter(router))}\n`;
  }
  return text;
}
