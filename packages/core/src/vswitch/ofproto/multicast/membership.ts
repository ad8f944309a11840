// What IGMP and MLD messages tell the snooping table (update_mcast_snooping_table of ofproto-dpif-xlate.c and the readers of
// lib/mcast-snooping.c). As lenient as the original: what is cut off ends the reading, what came before counts.

import type { Packet } from "../../../kernel/device-vport.ts";
import { readU16BE, readU32BE, readU8 } from "../../../wire/bytes.ts";
import { internetChecksum, pseudoHeaderSumV6 } from "../../../wire/checksum.ts";
import { Icmpv6Type, icmpv6ChecksumOk } from "../../../wire/icmpv6.ts";
import { IgmpType } from "../../../wire/igmp.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../../wire/ipv6-address.ts";
import { GroupRecordType } from "../../../wire/mld.ts";
import { extractFlow, found } from "../../../ovsproto/flow/extract.ts";
import { isIpv6, newFlow, tpSrc, W, word } from "../../../ovsproto/flow/flow.ts";
import type { MulticastSnooping } from "./snooping.ts";

/** Bytes of an IGMPv3 report and an MLD message before their records or group, and of a record before its sources. */
const HEADER = 8;
const IGMP_RECORD = 8;
const MLD_RECORD = 20;

export function isMembership(type: number): boolean {
  return (
    type === IgmpType.REPORT_V1 ||
    type === IgmpType.REPORT_V2 ||
    type === IgmpType.REPORT_V3 ||
    type === IgmpType.LEAVE
  );
}

/** Where the message came in. */
export interface MessagePlace<B> {
  readonly bundle: B;
  readonly name: string;
  readonly vlan: number;
}

/** Notes what the packet's message says. Returns what the trace says of it. */
export function noteMembership<B>(
  table: MulticastSnooping<B>,
  packet: Packet,
  place: MessagePlace<B>,
): string | undefined {
  const flow = newFlow();
  extractFlow(packet, flow);
  return isIpv6(flow) ? noteMld(table, packet, flow, place) : noteIgmp(table, packet, flow, place);
}

function noteIgmp<B>(
  table: MulticastSnooping<B>,
  { bytes }: Packet,
  flow: Uint32Array,
  { bundle, name, vlan }: MessagePlace<B>,
): string | undefined {
  const { network, transport } = found;
  const end = network + readU16BE(bytes, network + 2);
  const where = `on port ${name} in VLAN ${vlan}`;
  if (transport < 0 || internetChecksum(bytes, transport, end) !== 0) {
    return `multicast snooping received bad IGMP checksum ${where}`;
  }
  const group = formatIpv4(readU32BE(bytes, transport + 4));
  switch (tpSrc(flow)) {
    case IgmpType.REPORT_V1:
    case IgmpType.REPORT_V2:
      return table.join(group, vlan, bundle)
        ? `multicast snooping learned that ${group} is ${where}`
        : undefined;
    case IgmpType.LEAVE:
      return table.leave(group, vlan, bundle) ? `multicast snooping leaving ${group} is ${where}` : undefined;
    case IgmpType.QUERY: {
      const source = word(flow, W.NW_SRC);
      return source !== 0 && table.heardRouter(vlan, bundle)
        ? `multicast snooping query from ${formatIpv4(source)} is ${where}`
        : undefined;
    }
    case IgmpType.REPORT_V3: {
      const count = noteIgmpRecords(table, bytes, transport, end, bundle, vlan);
      return count > 0 ? `multicast snooping processed ${count} addresses ${where}` : undefined;
    }
    default:
      return undefined;
  }
}

/** mcast_snooping_add_report(): how many groups have changed. */
function noteIgmpRecords<B>(
  table: MulticastSnooping<B>,
  bytes: Uint8Array,
  message: number,
  end: number,
  bundle: B,
  vlan: number,
): number {
  let changed = 0;
  let at = message + HEADER;
  for (let left = readU16BE(bytes, message + 6); left > 0 && at + IGMP_RECORD <= end; left--) {
    const type = readU8(bytes, at);
    // The original stays at a record that it does not know.
    if (!isKnownRecord(type)) break;
    const sources = readU16BE(bytes, at + 2);
    const group = formatIpv4(readU32BE(bytes, at + 4));
    if (record(table, type, sources, group, vlan, bundle)) changed++;
    // Auxiliary data counts in bytes here, whatever RFC 3376 says.
    at += IGMP_RECORD + 4 * sources + readU8(bytes, at + 1);
  }
  return changed;
}

function isKnownRecord(type: number): boolean {
  return type >= GroupRecordType.MODE_IS_INCLUDE && type <= GroupRecordType.BLOCK_OLD_SOURCES;
}

/** A record without sources to include is a leave. */
function record<B>(
  table: MulticastSnooping<B>,
  type: number,
  sources: number,
  group: string,
  vlan: number,
  bundle: B,
): boolean {
  const { MODE_IS_INCLUDE, CHANGE_TO_INCLUDE } = GroupRecordType;
  return sources === 0 && (type === MODE_IS_INCLUDE || type === CHANGE_TO_INCLUDE)
    ? table.leave(group, vlan, bundle)
    : table.join(group, vlan, bundle);
}

function noteMld<B>(
  table: MulticastSnooping<B>,
  { bytes }: Packet,
  flow: Uint32Array,
  { bundle, name, vlan }: MessagePlace<B>,
): string | undefined {
  const { network, transport } = found;
  const end = network + 40 + readU16BE(bytes, network + 4);
  const where = `on port ${name} in VLAN ${vlan}`;
  const source = readIpv6Address(bytes, network + 8);
  const destination = readIpv6Address(bytes, network + 24);
  if (
    transport < 0 ||
    !icmpv6ChecksumOk(
      bytes,
      transport,
      end,
      pseudoHeaderSumV6(source, destination, IpProtocol.ICMPV6, end - transport),
    )
  ) {
    return `multicast snooping received bad MLD checksum ${where}`;
  }
  const type = tpSrc(flow);
  if (type === Icmpv6Type.MLD_QUERY) {
    return formatIpv6(source) !== "::" && table.heardRouter(vlan, bundle)
      ? `multicast snooping query ${where}`
      : undefined;
  }
  let count = 0;
  let at = transport + HEADER;
  if (type === Icmpv6Type.MLDV2_REPORT) {
    for (let left = readU16BE(bytes, transport + 6); left > 0 && at + MLD_RECORD <= end; left--) {
      const kind = readU8(bytes, at);
      const sources = readU16BE(bytes, at + 2);
      const group = formatIpv6(readIpv6Address(bytes, at + 4));
      if (isKnownRecord(kind) && record(table, kind, sources, group, vlan, bundle)) count++;
      at += MLD_RECORD + 16 * sources + readU8(bytes, at + 1);
    }
  } else if (at + 16 <= end) {
    const group = formatIpv6(readIpv6Address(bytes, at));
    const changed =
      type === Icmpv6Type.MLD_REPORT ? table.join(group, vlan, bundle) : table.leave(group, vlan, bundle);
    if (changed) count++;
  }
  return count > 0 ? `multicast snooping processed ${count} addresses ${where}` : undefined;
}
