// Tunnels in a datapath's keys (struct ip_tunnel_key, net/openvswitch/flow_netlink.c): what a tunnel device tells of a packet as
// words of the key, and what a set(tunnel(...)) action tells a tunnel device. As text: ovsproto/datapath/format-tunnel.ts.

import type { TunnelMetadata } from "../../kernel/device-vport.ts";
import { TUNNEL_FLAG } from "../../ovsproto/openflow/tunnel-flags.ts";
import { optionsOf, storeOptions } from "../../ovsproto/datapath/geneve-options.ts";
import { readIpv6Words, writeIpv6Words } from "../../ovsproto/flow/ipv6-words.ts";
import { tunnelFlags, tunnelTos, tunnelTtl, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";

/** Sets the tunnel words of a key, which are zero, from what came with a packet (ip_tun_from_nlattr's opposite). */
export function fillTunnelKey(key: Flow, tunnel: TunnelMetadata): void {
  const { id, source, destination } = tunnel;
  if (id !== undefined) {
    key[W.TUN_ID] = Math.floor(id / 0x1_0000_0000);
    key[W.TUN_ID + 1] = id % 0x1_0000_0000;
  }
  if (typeof source === "number") key[W.TUN_SRC] = source;
  else writeIpv6Words(key, W.TUN_IPV6_SRC, source);
  if (typeof destination === "number") key[W.TUN_DST] = destination;
  else writeIpv6Words(key, W.TUN_IPV6_DST, destination);
  const flags =
    // the endpoint of GTP-U is there, and not said to be
    (id === undefined || tunnel.gtpu ? 0 : TUNNEL_FLAG.KEY) |
    (tunnel.checksum ? TUNNEL_FLAG.CSUM : 0) |
    (tunnel.dontFragment ? TUNNEL_FLAG.DF : 0) |
    (tunnel.oam === true ? TUNNEL_FLAG.OAM : 0);
  key[W.TUN_FLAGS_TOS_TTL] = ((flags << 16) | (tunnel.tos << 8) | tunnel.ttl) >>> 0;
  key[W.TUN_TP] = ((tunnel.sourcePort << 16) | tunnel.destinationPort) >>> 0;
  if (tunnel.options) storeOptions(key, tunnel.options);
  const policy = tunnel.groupPolicy ?? 0; // flags above the id
  const { erspan, gtpu } = tunnel;
  key[W.TUN_GBP_ERSPAN] =
    (((policy & 0xffff) << 16) | (((policy >>> 16) & 0xff) << 8) | (erspan?.version ?? 0)) >>> 0;
  if (erspan) {
    key[W.TUN_ERSPAN_IDX] = erspan.index;
    key[W.TUN_ERSPAN_GTPU] = ((erspan.direction << 24) | (erspan.hardwareId << 16)) >>> 0;
  }
  if (gtpu) key[W.TUN_ERSPAN_GTPU] = (gtpu.flags << 8) | gtpu.messageType;
}

/** What the words of a set(tunnel(...)) action tell the device that the packet goes to. */
export function tunnelInstructions(key: Flow): TunnelMetadata {
  const flags = tunnelFlags(key);
  const ports = word(key, W.TUN_TP);
  const v4 = word(key, W.TUN_DST) !== 0;
  const policy = word(key, W.TUN_GBP_ERSPAN);
  const options = optionsOf(key);
  return {
    ...(options.length > 0 ? { options } : {}),
    direction: "transmit",
    id: flags & TUNNEL_FLAG.KEY ? word(key, W.TUN_ID) * 0x1_0000_0000 + word(key, W.TUN_ID + 1) : undefined,
    source: v4 ? word(key, W.TUN_SRC) : readIpv6Words(key, W.TUN_IPV6_SRC),
    destination: v4 ? word(key, W.TUN_DST) : readIpv6Words(key, W.TUN_IPV6_DST),
    tos: tunnelTos(key),
    ttl: tunnelTtl(key),
    sourcePort: ports >>> 16,
    destinationPort: ports & 0xffff,
    checksum: (flags & TUNNEL_FLAG.CSUM) !== 0,
    dontFragment: (flags & TUNNEL_FLAG.DF) !== 0,
    oam: (flags & TUNNEL_FLAG.OAM) !== 0,
    groupPolicy: (policy >>> 16) | (((policy >>> 8) & 0xff) << 16),
  };
}
