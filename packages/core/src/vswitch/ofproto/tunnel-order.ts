// The order in which the original lists tunnels: tables by how specific their ends and keys are, in each the order of a hash of
// struct tnl_match as it lies in a little-endian machine's memory (ofproto/tunnel.c).

import { readU32LE } from "../../wire/bytes.ts";
import { ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { hashAdd, hashFinish } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { TunnelAddress, TunnelConfig } from "../../ovsproto/datapath/tunnel-config.ts";
import type { Tunnel } from "./tunnel.ts";

/** enum netdev_pt_mode */
const PACKET_TYPES = { ptap: 0, legacy_l2: 1, legacy_l3: 2 } as const;
const MAPPED = 0xffff_0000;
const TABLES = 12;

function addressWords(address: TunnelAddress | "flow" | undefined): number[] {
  if (address === undefined || address === "flow") return [0, 0, 0, 0];
  if (typeof address === "number") return [0, 0, MAPPED, swapped(address)];
  const bytes = ipv6ToBytes(address);
  return [0, 4, 8, 12].map((at) => readU32LE(bytes, at));
}

function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** tnl_hash() */
function hashOf({ local, remote, inKey, packetTypes }: TunnelConfig, datapathPort: number): number {
  const key = typeof inKey === "bigint" ? inKey : 0n;
  const flows =
    (inKey === "flow" ? 1 : 0) | (local === "flow" ? 1 << 8 : 0) | (remote === "flow" ? 1 << 16 : 0);
  const words = [
    swapped(Number(key >> 32n)),
    swapped(Number(key & 0xffff_ffffn)),
    ...addressWords(local),
    ...addressWords(remote),
    datapathPort,
    flows,
    PACKET_TYPES[packetTypes],
    0,
  ];
  const hash = words.reduce((sum, word) => hashAdd(sum, word), 0);
  return hashFinish(hash, words.length * 4);
}

/** tnl_match_map() */
function tableOf({ local, remote, inKey }: TunnelConfig): number {
  const source = local === "flow" ? 2 : local === undefined ? 1 : 0;
  return (inKey === "flow" ? 6 : 0) + (remote === "flow" ? 3 : 0) + source;
}

/** @param tunnels in the order in which they were made */
export function inTableOrder(tunnels: readonly Tunnel[]): Tunnel[] {
  const tables = Array.from({ length: TABLES }, () => new HmapOrder<Tunnel>());
  for (const tunnel of tunnels) {
    tables[tableOf(tunnel.config)]?.insert(tunnel, hashOf(tunnel.config, tunnel.datapathPort));
  }
  return tables.flatMap((table) => [...table.values()]);
}
