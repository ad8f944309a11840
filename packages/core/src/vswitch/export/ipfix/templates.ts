// The templates of IPFIX messages (RFC 7011) that Open vSwitch's exporters send: one for each combination of layers, with the
// elements of a record in their order (ipfix_define_template_fields of ofproto-dpif-ipfix.c). Numbers are those of IANA's
// registry, or of VMware's own where an element has an enterprise.

import type { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";

const VMWARE = 6876;
const ENTERPRISE = 0x8000;
const VARIABLE = 0xffff;

/** Number and length in bytes; 0: variable. */
type Element = readonly [id: number, length: number, enterprise?: number];

const vmware = (id: number, length: number): Element => [id, length, VMWARE];

const INTERFACE_TEXTS: readonly Element[] = [
  [82, 0], // interfaceName
  [83, 0], // interfaceDescription
];

const COMMON_KEY: readonly Element[] = [
  [138, 4], // observationPointId
  [61, 1], // flowDirection
  [56, 6], // sourceMacAddress
  [80, 6], // destinationMacAddress
  [256, 2], // ethernetType
  [240, 1], // ethernetHeaderLength
  [10, 4], // ingressInterface
  [368, 4], // ingressInterfaceType
  ...INTERFACE_TEXTS,
];

const EGRESS_KEY: readonly Element[] = [
  [14, 4], // egressInterface
  [369, 4], // egressInterfaceType
  ...INTERFACE_TEXTS,
];

const VLAN_KEY: readonly Element[] = [
  [58, 2], // vlanId
  [243, 2], // dot1qVlanId
  [244, 1], // dot1qPriority
];

const IP_KEY: readonly Element[] = [
  [60, 1], // ipVersion
  [192, 1], // ipTTL
  [4, 1], // protocolIdentifier
  [195, 1], // ipDiffServCodePoint
  [196, 1], // ipPrecedence
  [5, 1], // ipClassOfService
];

const IPV4_KEY: readonly Element[] = [
  [8, 4], // sourceIPv4Address
  [12, 4], // destinationIPv4Address
];

const IPV6_KEY: readonly Element[] = [
  [27, 16], // sourceIPv6Address
  [28, 16], // destinationIPv6Address
  [31, 4], // flowLabelIPv6
];

const PORTS_KEY: readonly Element[] = [
  [7, 2], // sourceTransportPort
  [11, 2], // destinationTransportPort
];

const ICMPV4_KEY: readonly Element[] = [
  [176, 1], // icmpTypeIPv4
  [177, 1], // icmpCodeIPv4
];

const ICMPV6_KEY: readonly Element[] = [
  [178, 1], // icmpTypeIPv6
  [179, 1], // icmpCodeIPv6
];

const TUNNEL_KEY: readonly Element[] = [
  vmware(893, 4), // tunnelSourceIPv4Address
  vmware(894, 4), // tunnelDestinationIPv4Address
  vmware(895, 1), // tunnelProtocolIdentifier
  vmware(896, 2), // tunnelSourceTransportPort
  vmware(897, 2), // tunnelDestinationTransportPort
  vmware(891, 1), // tunnelType
  vmware(892, 0), // tunnelKey
];

const VIRTUAL_OBSERVATION_ID = vmware(898, 0);

const COUNTERS: readonly Element[] = [
  [158, 4], // flowStartDeltaMicroseconds
  [159, 4], // flowEndDeltaMicroseconds
  [133, 8], // droppedPacketDeltaCount
  [135, 8], // droppedPacketTotalCount
  [2, 8], // packetDeltaCount
  [86, 8], // packetTotalCount
  [354, 8], // ingressUnicastPacketTotalCount
  [355, 8], // ingressMulticastPacketTotalCount
  [356, 8], // ingressBroadcastPacketTotalCount
  [357, 8], // egressUnicastPacketTotalCount
  [358, 8], // egressBroadcastPacketTotalCount
  [19, 8], // postMCastPacketDeltaCount
  [174, 8], // postMCastPacketTotalCount
  [352, 8], // layer2OctetDeltaCount
  [353, 8], // layer2OctetTotalCount
  [136, 1], // flowEndReason
];

const IP_COUNTERS: readonly Element[] = [
  [132, 8], // droppedOctetDeltaCount
  [134, 8], // droppedOctetTotalCount
  [1, 8], // octetDeltaCount
  [85, 8], // octetTotalCount
  [198, 8], // octetDeltaSumOfSquares
  [199, 8], // octetTotalSumOfSquares
  [25, 8], // minimumIpTotalLength
  [26, 8], // maximumIpTotalLength
  [20, 8], // postMCastOctetDeltaCount
  [175, 8], // postMCastOctetTotalCount
];

const TCP_COUNTERS: readonly Element[] = [
  [222, 8], // tcpAckTotalCount
  [219, 8], // tcpFinTotalCount
  [221, 8], // tcpPshTotalCount
  [220, 8], // tcpRstTotalCount
  [218, 8], // tcpSynTotalCount
  [223, 8], // tcpUrgTotalCount
];

/** What a record is about, layer by layer; the numbers make the template's. */
export interface RecordKind {
  readonly tagged: boolean;
  readonly network: (typeof NETWORKS)[number];
  readonly transport: (typeof TRANSPORTS)[number];
  readonly tunnelled: boolean;
  readonly egress: boolean;
}

const NETWORKS = ["other", "ipv4", "ipv6"] as const;
const TRANSPORTS = ["other", "tcp", "udp", "sctp", "icmp"] as const;
const FIRST_TEMPLATE = 256;
/** As if every layer had one more: behind all others. */
const STATISTICS_TEMPLATE = FIRST_TEMPLATE + ((((2 * 3 + 3) * 5 + 5) * 2 + 2) * 2 + 2);

export function templateId({ tagged, network, transport, tunnelled, egress }: RecordKind): number {
  const layers = [NETWORKS.length, TRANSPORTS.length, 2, 2] as const;
  const values = [
    NETWORKS.indexOf(network),
    TRANSPORTS.indexOf(transport),
    Number(tunnelled),
    Number(egress),
  ];
  return FIRST_TEMPLATE + values.reduce((id, value, at) => id * (layers[at] ?? 1) + value, Number(tagged));
}

/** All that there can be, in the order in which they are sent. */
export function recordKinds(): RecordKind[] {
  const kinds: RecordKind[] = [];
  for (const tagged of [false, true]) {
    for (const network of NETWORKS) {
      for (const transport of TRANSPORTS) {
        if (network === "other" && transport !== "other") continue;
        for (const tunnelled of [false, true]) {
          for (const egress of [false, true]) kinds.push({ tagged, network, transport, tunnelled, egress });
        }
      }
    }
  }
  return kinds;
}

function elementsOf(kind: RecordKind, virtualId: boolean): Element[] {
  const { tagged, network, transport, tunnelled, egress } = kind;
  const elements = [...COMMON_KEY];
  if (egress) elements.push(...EGRESS_KEY);
  if (tagged) elements.push(...VLAN_KEY);
  if (network !== "other") {
    elements.push(...IP_KEY, ...(network === "ipv4" ? IPV4_KEY : IPV6_KEY));
    if (transport === "icmp") elements.push(...(network === "ipv4" ? ICMPV4_KEY : ICMPV6_KEY));
    else if (transport !== "other") elements.push(...PORTS_KEY);
  }
  if (tunnelled) elements.push(...TUNNEL_KEY);
  if (virtualId) elements.push(VIRTUAL_OBSERVATION_ID);
  elements.push(...COUNTERS);
  if (network !== "other") elements.push(...IP_COUNTERS);
  if (transport === "tcp") elements.push(...TCP_COUNTERS);
  return elements;
}

function writeElements(out: MessageWriter, elements: readonly Element[]): void {
  for (const [id, length, enterprise] of elements) {
    out.u16(enterprise === undefined ? id : id | ENTERPRISE).u16(length === 0 ? VARIABLE : length);
    if (enterprise !== undefined) out.u32(enterprise);
  }
}

/** A template record (RFC 7011, section 3.4.1). */
export function writeTemplate(out: MessageWriter, kind: RecordKind, virtualId: boolean): void {
  const elements = elementsOf(kind, virtualId);
  out.u16(templateId(kind)).u16(elements.length);
  writeElements(out, elements);
}

/** The options template of statistics of the exporting process, whose id is the scope (section 3.4.2). */
export function writeStatisticsTemplate(out: MessageWriter): void {
  const elements: readonly Element[] = [
    [144, 4], // exportingProcessId
    [167, 8], // notSentPacketTotalCount
  ];
  out.u16(STATISTICS_TEMPLATE).u16(elements.length).u16(1);
  writeElements(out, elements);
}

export { STATISTICS_TEMPLATE };
