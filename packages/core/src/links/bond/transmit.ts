// Which port a bond sends a frame by (bond_start_xmit), and the hash that spreads flows over ports (bond_xmit_hash; Linux's
// Documentation/networking/bonding.rst, "xmit_hash_policy").

import type { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, EtherType, ethType } from "../../wire/ethernet.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV4_MIN_HEADER, ipv4HeaderLength, ipv4Protocol, isIpv4Fragment } from "../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH, ipv6NextHeader } from "../../wire/ipv6.ts";
import type { Bond, BondPort } from "./bond.ts";
import { MODE } from "./options.ts";

/** BOND_XMIT_POLICY_* */
const POLICY = { LAYER2: 0, LAYER34: 1, LAYER23: 2, ENCAP23: 3, ENCAP34: 4, VLAN_SRCMAC: 5 } as const;

/** Sends a frame, or counts it as dropped. */
export function sendFrame(bond: Bond, packet: Packet): void {
  const port = choosePort(bond, packet);
  if (port === undefined) {
    bond.device.statistics.txDropped++;
    bond.device.kernel.drop(packet, "NO_TX_TARGET", bond.device.name);
    return;
  }
  sendBy(port, packet);
}

function sendBy(port: BondPort, packet: Packet): void {
  const { statistics } = port.bond.device;
  statistics.txPackets++;
  statistics.txBytes += packet.length;
  packet.device = port.device;
  transmit(packet);
}

function choosePort(bond: Bond, packet: Packet): BondPort | undefined {
  const { mode } = bond.options;
  switch (mode) {
    case MODE.ACTIVE_BACKUP:
    case MODE.BALANCE_TLB:
    case MODE.BALANCE_ALB:
      return bond.active;
    case MODE.BALANCE_RR:
      return inTurn(bond);
    case MODE.BROADCAST: {
      const [first, ...others] = bond.ports.filter(({ canSend }) => canSend);
      for (const port of others) sendBy(port, packet.clone());
      return first;
    }
    default: {
      const usable = bond.ports.filter(({ canSend }) => canSend);
      return usable[hashOf(packet, bond.options.xmitHashPolicy) % Math.max(1, usable.length)];
    }
  }
}

/** bond_rr_gen_slave_id(): `packets_per_slave` to each; 0 means at random. */
function inTurn(bond: Bond): BondPort | undefined {
  const usable = bond.ports.filter(({ canSend }) => canSend);
  if (usable.length === 0) return undefined;
  const { packetsPerSlave } = bond.options;
  const number =
    packetsPerSlave === 0 ? bond.device.kernel.random.uint32() : Math.floor(bond.turn++ / packetsPerSlave);
  return usable[number % usable.length];
}

/** The kernel reads words of the packet in the order of its processor, which is little-endian here. */
function wordLE(bytes: Uint8Array, at: number): number {
  const value = readU32BE(bytes, at);
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** bond_xmit_hash() */
export function hashOf({ bytes, start, end }: Packet, policy: number): number {
  const at = start + ETHERNET_HEADER_LENGTH;
  const type = ethType(bytes, start);
  const link = readU8(bytes, start + 5) ^ readU8(bytes, start + 11) ^ type;
  if (policy === POLICY.VLAN_SRCMAC) return sourceHash(bytes, start);
  if (policy === POLICY.LAYER2) return link;
  const v4 = type === EtherType.IPV4 && end - at >= IPV4_MIN_HEADER;
  const v6 = type === EtherType.IPV6 && end - at >= IPV6_HEADER_LENGTH;
  if (!v4 && !v6) return link;
  const onlyAddresses = policy === POLICY.LAYER23 || policy === POLICY.ENCAP23;
  let hash = onlyAddresses ? link : ports(bytes, at, end, v4);
  if (v4) hash ^= wordLE(bytes, at + 12) ^ wordLE(bytes, at + 16);
  else for (let word = 8; word < IPV6_HEADER_LENGTH; word += 4) hash ^= wordLE(bytes, at + word);
  hash = hash >>> 0;
  hash = (hash ^ (hash >>> 16)) >>> 0;
  hash = (hash ^ (hash >>> 8)) >>> 0;
  // The lowest bit of ports is often the same.
  return onlyAddresses ? hash : hash >>> 1;
}

function ports(bytes: Uint8Array, at: number, end: number, v4: boolean): number {
  if (v4 && isIpv4Fragment(bytes, at)) return 0;
  const protocol = v4 ? ipv4Protocol(bytes, at) : ipv6NextHeader(bytes, at);
  const transport = at + (v4 ? ipv4HeaderLength(bytes, at) : IPV6_HEADER_LENGTH);
  const ported = protocol === IpProtocol.TCP || protocol === IpProtocol.UDP || protocol === IpProtocol.SCTP;
  return ported && transport + 4 <= end ? wordLE(bytes, transport) : 0;
}

/** bond_vlan_srcmac_hash(): vendor and device part of the source, without a VLAN id. */
function sourceHash(bytes: Uint8Array, start: number): number {
  const vendor = (readU8(bytes, start + 6) << 16) | readU16BE(bytes, start + 7);
  const device = (readU8(bytes, start + 9) << 16) | readU16BE(bytes, start + 10);
  return (vendor ^ device) >>> 0;
}
