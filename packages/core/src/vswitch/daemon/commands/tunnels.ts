// Commands about tunnels: ofproto/list-tunnels, and tnl/* and ovs/route/*, which are about tunnels that the switch itself wraps
// (datapath type netdev; ofproto/tunnel.c, lib/tnl-ports.c, lib/tnl-neigh-cache.c).

import type { SwitchDaemon } from "../switchd.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerTunnelCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register("ofproto/list-tunnels", "", 0, 0, () =>
    [...daemon.backers.values()]
      .flatMap(({ tunnels }) => tunnels.all())
      .map(({ description }) => `${description}\n`)
      .toSorted()
      .join(""),
  );
  server.register("tnl/ports/show", "-v", 0, 1, () => "Listening ports:\n");
  const neighbours = () => `${"IP".padEnd(46)}${"MAC".padEnd(20)}Bridge\n${"=".repeat(74)}\n`;
  for (const table of ["arp", "neigh"]) server.register(`tnl/${table}/show`, "", 0, 0, neighbours);
}
