/**
 * Where a link type keeps the type of its payload, and where the payload starts (init_linktype() of libpcap). What a type
 * without an entry can be filtered by is `len`, and nothing that looks into the packet.
 */
import { DLT } from "../wire/link-types.ts";

/** Offset of a field that a link type does not have. */
export const ABSENT = 0xffff_ffff;

export interface LinkLayer {
  /** Offset of the link-layer header, if something of a fixed length is before it. */
  readonly header?: number;
  /** Offset of the type field; ABSENT if there is none. */
  readonly type: number;
  /** Offset of the payload: after the MAC header, before an LLC header. */
  readonly payload: number;
  /** Offset of the network header in the payload, when it is in SNAP or Ethernet II form. */
  readonly network?: number;
  /** The same after an LLC header without SNAP. */
  readonly networkAfterLlc?: number;
  /** The link-layer header follows a header of variable length (radio information). */
  readonly variablePrefix?: boolean;
  /** The link-layer header itself has a variable length. */
  readonly variableHeader?: boolean;
  /** Raw ATM: offsets of its pseudo-header. */
  readonly atm?: {
    readonly vpi: number;
    readonly vci: number;
    readonly protocol: number;
    readonly payload: number;
  };
  /** SS7: offsets of MTP2's length and of MTP3's fields. */
  readonly ss7?: {
    readonly li: number;
    readonly liHsl: number;
    readonly sio: number;
    readonly opc: number;
    readonly dpc: number;
    readonly sls: number;
  };
}

const LLC_SNAP = { network: 8, networkAfterLlc: 3 };
const JUNIPER: LinkLayer = { type: 4, payload: 4, networkAfterLlc: ABSENT };
const WLAN: LinkLayer = { type: 24, payload: 0, ...LLC_SNAP, variableHeader: true };
const WLAN_WITH_RADIO: LinkLayer = { ...WLAN, variablePrefix: true };

const UNKNOWN: LinkLayer = { type: ABSENT, payload: ABSENT, network: ABSENT, networkAfterLlc: ABSENT };

const LAYERS: ReadonlyMap<number, LinkLayer> = new Map<number, LinkLayer>([
  [DLT.ARCNET, { type: 2, payload: 6 }],
  [DLT.ARCNET_LINUX, { type: 4, payload: 8 }],
  [DLT.EN10MB, { type: 12, payload: 14, networkAfterLlc: 3 }],
  [DLT.SLIP, { type: ABSENT, payload: 16 }],
  [DLT.SLIP_BSDOS, { type: ABSENT, payload: 24 }],
  [DLT.NULL, { type: 0, payload: 4 }],
  [DLT.LOOP, { type: 0, payload: 4 }],
  [DLT.ENC, { type: 0, payload: 12 }],
  [DLT.PPP, { type: 2, payload: 4 }],
  [DLT.PPP_PPPD, { type: 2, payload: 4 }],
  [DLT.C_HDLC, { type: 2, payload: 4 }],
  [DLT.PPP_SERIAL, { type: 2, payload: 4 }],
  [DLT.PPP_ETHER, { type: 6, payload: 8 }],
  [DLT.PPP_BSDOS, { type: 5, payload: 24 }],
  [DLT.FDDI, { type: 13, payload: 13, ...LLC_SNAP }],
  [DLT.IEEE802, { type: 14, payload: 14, ...LLC_SNAP }],
  [DLT.IEEE802_11, WLAN],
  [DLT.PRISM_HEADER, WLAN_WITH_RADIO],
  [DLT.IEEE802_11_RADIO_AVS, WLAN_WITH_RADIO],
  [DLT.IEEE802_11_RADIO, WLAN_WITH_RADIO],
  [DLT.PPI, WLAN_WITH_RADIO],
  [DLT.ATM_RFC1483, { type: 0, payload: 0, ...LLC_SNAP }],
  [DLT.ATM_CLIP, { type: 0, payload: 0, ...LLC_SNAP }],
  [DLT.SUNATM, { type: 4, payload: 4, ...LLC_SNAP, atm: { vpi: 1, vci: 2, protocol: 0, payload: 4 } }],
  [DLT.RAW, { type: ABSENT, payload: 0 }],
  [DLT.IPV4, { type: ABSENT, payload: 0 }],
  [DLT.IPV6, { type: ABSENT, payload: 0 }],
  [DLT.LINUX_SLL, { type: 14, payload: 16 }],
  [DLT.LINUX_SLL2, { type: 0, payload: 20 }],
  [DLT.LTALK, { type: ABSENT, payload: 0 }],
  [DLT.IP_OVER_FC, { type: 16, payload: 16, ...LLC_SNAP }],
  [DLT.FRELAY, { type: ABSENT, payload: 0 }],
  [DLT.MFR, { type: ABSENT, payload: 0, network: 4 }],
  [DLT.PFLOG, { type: 0, payload: 0, variableHeader: true }],
  [DLT.BACNET_MS_TP, { type: ABSENT, payload: ABSENT, network: ABSENT, networkAfterLlc: ABSENT }],
  [DLT.IPNET, { type: 1, payload: 24, networkAfterLlc: ABSENT }],
  [DLT.NETANALYZER, { header: 4, type: 16, payload: 18, networkAfterLlc: 3 }],
  [DLT.NETANALYZER_TRANSPARENT, { header: 12, type: 24, payload: 26, networkAfterLlc: 3 }],
  // Juniper: multilink PPP, Frame Relay and FRF.16; PPP, Frame Relay, C-HDLC; GGSN and monitoring; ATM; PPPoE, Ethernet.
  ...[130, 131, 134, 179, 180, 181].map((dlt) => [dlt, JUNIPER] as const),
  ...[133, 164].map((dlt) => [dlt, { type: 6, payload: 12, networkAfterLlc: ABSENT }] as const),
  [135, { type: 8, payload: 8, networkAfterLlc: 10 }],
  [137, { type: 4, payload: 4, networkAfterLlc: 10 }],
  ...[167, 178].map((dlt) => [dlt, { type: 16, payload: 14, network: 18, networkAfterLlc: 21 }] as const),
  [168, { type: 4, payload: 6, networkAfterLlc: ABSENT }],
  // Apple's IP over IEEE 1394, Symantec's firewall.
  [138, { type: 16, payload: 18 }],
  [99, { type: 6, payload: 44 }],
  [DLT.MTP2, { ...UNKNOWN, ss7: { li: 2, liHsl: 4, sio: 3, opc: 4, dpc: 4, sls: 7 } }],
  [DLT.MTP2_WITH_PHDR, { ...UNKNOWN, ss7: { li: 6, liHsl: 8, sio: 7, opc: 8, dpc: 8, sls: 11 } }],
  [DLT.ERF, { ...UNKNOWN, ss7: { li: 22, liHsl: 24, sio: 23, opc: 24, dpc: 24, sls: 27 } }],
]);

export function linkLayerOf(dlt: number): LinkLayer {
  return LAYERS.get(dlt) ?? UNKNOWN;
}

/** The 802.11 link types, with and without radio information before the header. */
export function isWlan(dlt: number): boolean {
  const layer = LAYERS.get(dlt);
  return layer === WLAN || layer === WLAN_WITH_RADIO;
}

export function isEthernet(dlt: number): boolean {
  return dlt === DLT.EN10MB || dlt === DLT.NETANALYZER || dlt === DLT.NETANALYZER_TRANSPARENT;
}
