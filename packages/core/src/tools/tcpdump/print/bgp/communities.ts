// Extended communities (RFC 4360), route distinguishers (RFC 4364) and AS numbers.

import { megabits } from "../bandwidth.ts";
import type { Dissector } from "../dissector.ts";
import { L2VPN_ENCAPSULATIONS } from "../l2vpn-names.ts";
import { NameTable } from "../names.ts";
import { hex2, hex4 } from "../numbers.ts";

/** AS numbers, with -b those above 65535 in two parts (RFC 5396). */
export function asNumber(d: Dissector, value: number): string {
  return d.options.asDot && value > 0xffff ? `${value >>> 16}.${value & 0xffff}` : String(value);
}

function octets(d: Dissector, at: number): string {
  return `${d.u8(at)}.${d.u8(at + 1)}.${d.u8(at + 2)}.${d.u8(at + 3)}`;
}

/** A route distinguisher of eight bytes. */
export function distinguisher(d: Dissector, at: number): string {
  switch (d.u16(at)) {
    case 0:
      return `${d.u16(at + 2)}:${d.u32(at + 4)} (= ${octets(d, at + 4)})`;
    case 1:
      return `${octets(d, at + 2)}:${d.u16(at + 6)}`;
    case 2:
      return `${asNumber(d, d.u32(at + 2))}:${d.u16(at + 6)} (${octets(d, at + 2)}:${d.u16(at + 6)})`;
    default:
      return "unknown RD format";
  }
}

const FLAGS = new NameTable([
  [0x8000, "vendor-specific"],
  [0x4000, "non-transitive"],
]);

type Format = (d: Dissector, at: number) => string;

const byAs: Format = (d, at) => `${d.u16(at + 2)}:${d.u32(at + 4)} (= ${d.ipv4(at + 4)})`;
const byAddress: Format = (d, at) => `${d.ipv4(at + 2)}:${d.u16(at + 6)}`;
const byWideAs: Format = (d, at) => `${asNumber(d, d.u32(at + 2))}:${d.u16(at + 6)}`;
const address: Format = (d, at) => d.ipv4(at + 2);
const hexadecimal: Format = (d, at) => d.hexBytes(at + 2, 6);

const OSPF_ROUTES: ReadonlyMap<number, string> = new Map([
  [1, "Router"],
  [2, "Network"],
  [3, "Summary"],
  [5, "External"],
  [7, "NSSA External"],
  [129, "MPLS-VPN Sham"],
]);

const ospfRoute: Format = (d, at) => {
  const type = d.u8(at + 6);
  const name = OSPF_ROUTES.get(type) ?? `unknown (0x${hex2(type)})`;
  const metric = (d.u8(at + 7) & 1) !== 0 ? "E2" : "";
  return `area:${d.ipv4(at + 2)}, router-type:${name}, metric-type:${metric}${type === 5 || type === 7 ? "E1" : ""}`;
};

const TUNNELS: readonly string[] = [
  "unknown encaps",
  "L2TPv3 over IP",
  "GRE",
  "Transmit Tunnel",
  "IPsec",
  "IP in IP with IPsec",
  "MPLS in IP with IPsec",
  "IP in IP",
  "VXLAN",
  "NVGRE",
  "MPLS",
  "MPLS in GRE",
  "VXLAN GPE",
  "MPLS in UDP",
  "IPv6",
  "SR TE",
  "Bare",
  "SR",
];

const layer2: Format = (d, at) => {
  const encapsulation = L2VPN_ENCAPSULATIONS.get(d.u8(at + 2)) ?? "unknown encaps";
  return `${encapsulation} Control Flags [0x${hex2(d.u8(at + 3))}]:MTU ${d.u16(at + 4)}`;
};

/** Name and format by type and subtype. */
const TYPES: ReadonlyMap<number, readonly [string, Format]> = new Map<number, readonly [string, Format]>([
  [0x0002, ["target", byAs]],
  [0x0102, ["target", byAddress]],
  [0x0202, ["target", byWideAs]],
  [0x0003, ["origin", byAs]],
  [0x0103, ["origin", byAddress]],
  [0x0203, ["origin", byWideAs]],
  [0x4004, ["link-BW", (d, at) => `bandwidth: ${megabits(d, at + 4)} Mbps`]],
  [0x0005, ["ospf-domain", address]],
  [0x0105, ["ospf-domain", address]],
  [0x0205, ["ospf-domain", address]],
  [0x8005, ["ospf-domain", address]],
  [0x0306, ["ospf-route-type", ospfRoute]],
  [0x8000, ["ospf-route-type", ospfRoute]],
  [0x030c, ["encapsulation", (d, at) => `Tunnel type: ${TUNNELS[d.u16(at + 6)] ?? "unknown encaps"}`]],
  [0x0107, ["ospf-router-id", address]],
  [0x8001, ["ospf-router-id", address]],
  [0x800a, ["layer2-info", layer2]],
  [0x8800, ["eigrp-general-route (flag, tag)", hexadecimal]],
  [0x8801, ["eigrp-route-metric (AS, delay)", hexadecimal]],
  [0x8802, ["eigrp-route-metric (reliability, nexthop, bandwidth)", hexadecimal]],
  [0x8803, ["eigrp-route-metric (load, MTU)", hexadecimal]],
  [0x8804, ["eigrp-external-route (remote-AS, remote-ID)", hexadecimal]],
  [0x8805, ["eigrp-external-route (remote-proto, remote-metric)", hexadecimal]],
  [0x0009, ["source-AS", (d, at) => `AS ${d.u16(at + 2)}`]],
  [0x010b, ["vrf-route-import", byAddress]],
  [0x000a, ["l2vpn-id", byAs]],
  [0xf10a, ["l2vpn-id", byAddress]],
]);

/** One extended community of eight bytes, on its own line. */
export function extendedCommunity(d: Dissector, at: number): void {
  const type = d.u16(at);
  const [name, format] = TYPES.get(type) ?? ["unknown extd community typecode", hexadecimal];
  d.text += `\n\t    ${name} (0x${hex4(type)}), Flags [${FLAGS.bits(type, "none")}]`;
  d.check(at, 8);
  d.text += ": ";
  d.text += format(d, at);
}

/** A route target as a prefix (RFC 4684): `bytes` are eight, zero behind the prefix. */
export function routeTargetPrefix(d: Dissector, bytes: Uint8Array, bits: number): string {
  if (bits === 0) return "route-target: 0:0/0";
  const count = Math.ceil(bits / 8);
  let digits = "";
  for (let index = 0; index < count; index++) {
    digits += hex2(bytes[index] ?? 0) + (index % 2 === 1 && index < count - 1 ? " " : "");
  }
  if (bits < 16) return `route-target: partial-type: (${digits}/${bits})`;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const type = view.getUint16(0);
  switch (type) {
    case 0x0002:
      return `route-target: ${view.getUint16(2)}:${view.getUint32(4)}/${bits} (${digits})`;
    case 0x0102:
      return `route-target: ${bytes.subarray(2, 6).join(".")}:${view.getUint16(6)}/${bits} (${digits})`;
    case 0x0202:
      return `route-target: ${asNumber(d, view.getUint32(2))}:${view.getUint16(6)}/${bits} (${digits})`;
    default:
      return `route target: unknown-type(${hex4(type)}) (${digits}/${bits})`;
  }
}
