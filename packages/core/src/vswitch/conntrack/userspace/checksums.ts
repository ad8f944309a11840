// The checksums and lengths that the tracker inside the switch daemon insists on (check_l4_tcp and its kin in lib/conntrack.c).

import type { Packet } from "../../../kernel/device-vport.ts";
import { readU16BE, writeU16BE } from "../../../wire/bytes.ts";
import { addToSum, checksumOfSum, pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../../wire/checksum.ts";
import { ipv4Destination, ipv4Source, ipv4ChecksumOk, ipv4TotalLength } from "../../../wire/ipv4.ts";
import { readIpv6Address } from "../../../wire/ipv6-address.ts";
import { tcpHeaderLength } from "../../../wire/tcp.ts";
import type { Tracked } from "../tuple.ts";

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
const TCP_HEADER = 20;
const TCP_CHECKSUM = 16;
const UDP_HEADER = 8;
const IPV6_HEADER = 40;

/** Where a packet ends; what pads the frame is no part of it. */
export function endOf({ bytes, end }: Packet, { network, tuple: { version6 } }: Tracked): number {
  const length = version6 ? IPV6_HEADER + readU16BE(bytes, network + 4) : ipv4TotalLength(bytes, network);
  return Math.min(end, network + length);
}

export function checksumsAreRight(packet: Packet, tracked: Tracked): boolean {
  const { network, transport, tuple } = tracked;
  const { bytes } = packet;
  const { version6, protocol } = tuple;
  if (!version6 && !ipv4ChecksumOk(bytes, network)) return false;
  const end = endOf(packet, tracked);
  const size = end - transport;
  if (protocol === TCP) {
    const header = size < TCP_HEADER ? 0 : tcpHeaderLength(bytes, transport);
    if (header < TCP_HEADER || header > size) return false;
  } else if (protocol === UDP) {
    const told = size < UDP_HEADER ? 0 : readU16BE(bytes, transport + 4);
    if (told < UDP_HEADER || told > size) return false;
    if (!version6 && readU16BE(bytes, transport + 6) === 0) return true;
  } else if (protocol === ICMP && !version6) {
    return checksumOfSum(addToSum(0, bytes, transport, end)) === 0;
  } else if (!(protocol === ICMPV6 && version6)) return true;
  return checksumWithAddresses(packet, tracked) === 0;
}

/** Over the transport header, what is in it, and the pseudo header in front. */
function checksumWithAddresses(packet: Packet, tracked: Tracked): number {
  const { network, transport, tuple } = tracked;
  const { version6, protocol } = tuple;
  const { bytes } = packet;
  const end = endOf(packet, tracked);
  const size = end - transport;
  const pseudo = version6
    ? pseudoHeaderSumV6(
        readIpv6Address(bytes, network + 8),
        readIpv6Address(bytes, network + 24),
        protocol,
        size,
      )
    : pseudoHeaderSumV4(ipv4Source(bytes, network), ipv4Destination(bytes, network), protocol, size);
  return checksumOfSum(addToSum(pseudo, bytes, transport, end));
}

/** The bytes may be written. */
export function fillTcpChecksum(packet: Packet, tracked: Tracked): void {
  const at = tracked.transport + TCP_CHECKSUM;
  writeU16BE(packet.bytes, at, 0);
  writeU16BE(packet.bytes, at, checksumWithAddresses(packet, tracked));
}
