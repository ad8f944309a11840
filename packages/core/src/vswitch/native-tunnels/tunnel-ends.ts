// Which packets for this host are a tunnel's (Open vSwitch's lib/tnl-ports.c): those to an address of a device that routes lead
// through, with the protocol of a tunnel. The wildcards are those of a classifier, as in the original.

import { Match } from "../../ovsproto/openflow/match.ts";
import { ipv4OfIpv6, isV4MappedIpv6 } from "../../wire/ipv6-address.ts";
import { writeIpv6Words } from "../../ovsproto/flow/ipv6-words.ts";
import { newFlow, setMacAt, W } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { Classifier } from "../ofproto/classifier.ts";
import type { Classified } from "../ofproto/classifier.ts";
import type { Tunnel } from "../ofproto/tunnel.ts";
import type { NativeTunnels } from "./native-tunnels.ts";
import { PROTOCOL_GRE, tunnelProtocol } from "../../ovsproto/datapath/tunnel-header.ts";

interface TunnelEnd extends Classified {
  /** Of the datapath. */
  readonly port: number;
}

/** tnl_port_map_lookup(): the datapath's port of the tunnel that a packet is of. */
export function tunnelOf(
  flow: Flow,
  wildcards: Flow,
  { devices, deviceNamed }: NativeTunnels,
  tunnels: readonly Tunnel[],
): number | undefined {
  const ends = new Classifier<TunnelEnd>([]);
  // of those that cannot be told apart the first has it
  const seen = new Set<number>();
  for (const { datapathPort, config } of tunnels) {
    const protocol = tunnelProtocol(config.type, config.destinationPort);
    if (protocol === undefined || seen.has(config.destinationPort)) continue;
    seen.add(config.destinationPort);
    for (const name of devices) {
      const device = deviceNamed(name);
      for (const { address } of device?.addresses ?? []) {
        const value = newFlow();
        const mask = newFlow();
        setMacAt(value, W.ETH_DST, device?.address ?? 0);
        setMacAt(mask, W.ETH_DST, 0xffff_ffff_ffff);
        const v4 = isV4MappedIpv6(address);
        value[W.ETH_TYPE] = v4 ? 0x0800 : 0x86dd;
        mask[W.ETH_TYPE] = 0xffff;
        mask[W.VLAN] = 0xffff;
        if (v4) {
          value[W.NW_DST] = ipv4OfIpv6(address);
          mask[W.NW_DST] = 0xffff_ffff;
        } else {
          writeIpv6Words(value, W.IPV6_DST, address);
          mask.fill(0xffff_ffff, W.IPV6_DST, W.IPV6_DST + 4);
        }
        value[W.NW] = (protocol << 24) >>> 0;
        mask[W.NW] = 0xff00_0003;
        if (protocol !== PROTOCOL_GRE) {
          value[W.TP] = config.destinationPort;
          mask[W.TP] = 0xffff;
        }
        ends.insert({
          match: new Match(value, mask),
          priority: 0,
          conjunctions: undefined,
          port: datapathPort,
        });
      }
    }
  }
  return ends.lookup(flow, wildcards)?.port;
}
