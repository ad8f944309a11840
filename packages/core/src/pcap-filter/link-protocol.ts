/**
 * "The payload is of this protocol", for every link type: by the type field, by LLC and SNAP headers, or by the first byte
 * of the packet. A protocol is an EtherType, or an LLC service access point if it is not above 1500.
 */
import {
  BPF_B,
  BPF_H,
  BPF_JEQ,
  BPF_JGT,
  BPF_JSET,
  BPF_LD,
  BPF_LDX,
  BPF_MEM,
  BPF_W,
  BPF_X,
} from "../wire/bpf/instruction.ts";
import { DLT, describeLinkType } from "../wire/link-types.ts";
import { and, constant, not, or, statement, test, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import {
  EtherType,
  LARGEST_LENGTH,
  PPP_VJ_COMPRESSED,
  PPP_VJ_UNCOMPRESSED,
  pppProtocol,
  Sap,
} from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { ABSENT, isEthernet, isWlan } from "./link-layer.ts";

/** Address families in the header of loopback interfaces. */
const AF_INET = 2;
const AF_INET6_LINUX = 10;
/** AF_INET6 of NetBSD and OpenBSD, of FreeBSD, and of macOS: a file may come from any of them. */
const AF_INET6_IN_FILES = [24, 28, 30] as const;

/** Values of the type field of Linux cooked headers. */
const COOKED_802_3 = 1;
const COOKED_802_2 = 4;

/** Link types that libpcap has no filtering for, with the name in its message. */
const NOT_IMPLEMENTED: ReadonlyMap<number, string> = new Map([
  [DLT.MFR, "Multi-link Frame Relay"],
  [144, "IrDA"],
  [143, "DOCSIS"],
  [DLT.MTP2, "MTP2"],
  [DLT.MTP2_WITH_PHDR, "MTP2"],
  [DLT.ERF, "ERF"],
  [246, "PFSYNC"],
  [177, "LAPD"],
  [186, "USB"],
  [189, "USB"],
  [220, "USB"],
  [249, "USB"],
  [187, "Bluetooth"],
  [201, "Bluetooth"],
  [190, "CAN"],
  [227, "CAN"],
  [195, "IEEE 802.15.4"],
  [191, "IEEE 802.15.4"],
  [215, "IEEE 802.15.4"],
  [230, "IEEE 802.15.4"],
  [283, "IEEE 802.15.4"],
  [193, "IEEE 802.16"],
  [196, "SITA"],
  [198, "RAIF1"],
  [199, "IPMB"],
  [209, "IPMB"],
  [202, "AX.25"],
  [239, "NFLOG"],
]);

const JUNIPER: ReadonlySet<number> = new Set([
  130, 131, 132, 133, 134, 135, 136, 137, 164, 167, 168, 178, 179, 180, 181, 183, 194, 200, 232, 233, 234,
  238,
]);
export const isJuniper = (linkType: number): boolean => JUNIPER.has(linkType);

const ARCNET_TYPES: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [EtherType.IPV6, [0xc4]],
  [EtherType.IP, [0xd4, 0xf0]],
  [EtherType.ARP, [0xd5, 0xf1]],
  [EtherType.REVARP, [0xd6]],
  [EtherType.ATALK, [0xdd]],
]);

/** Network layer protocol identifiers of ISO/IEC 9577. */
export const Nlpid = { CLNP: 0x81, ESIS: 0x82, ISIS: 0x83 } as const;

export function linkProtocol(on: Compilation, protocol: number): Condition {
  if (on.mplsDepth > 0) return mplsPayload(on, protocol);
  const { linkType } = on;
  if (isEthernet(linkType)) {
    // The EtherType of Geneve is the payload's, whether or not that has a link-layer header.
    const before = on.insideGeneve ? undefined : enclosingCheck(on);
    const check = etherProtocol(on, protocol);
    return before === undefined ? check : and(before, check);
  }
  if (isWlan(linkType)) return and(wlanDataFrame(on), llcProtocol(on, protocol));
  if (isJuniper(linkType)) return on.equal("link header", 0, BPF_W, 0x4d47_4300, 0xffff_ff00);
  const missing = NOT_IMPLEMENTED.get(linkType);
  if (missing !== undefined) refuse(`${missing} link-layer type filtering not implemented`);

  switch (linkType) {
    case DLT.C_HDLC:
      return typeIs(on, protocol === Sap.ISO ? (Sap.ISO << 8) | Sap.ISO : protocol);
    case DLT.FDDI:
    case DLT.IEEE802:
    case DLT.ATM_RFC1483:
    case DLT.ATM_CLIP:
    case DLT.IP_OVER_FC:
      return llcProtocol(on, protocol);
    case DLT.SUNATM:
      return and(atmLlc(on), llcProtocol(on, protocol));
    case DLT.LINUX_SLL:
      return cookedProtocol(on, protocol);
    case DLT.SLIP:
    case DLT.SLIP_BSDOS:
    case DLT.RAW:
      if (protocol === EtherType.IP) return on.equal("link header", 0, BPF_B, 0x40, 0xf0);
      if (protocol === EtherType.IPV6) return on.equal("link header", 0, BPF_B, 0x60, 0xf0);
      return constant(false);
    case DLT.IPV4:
      return constant(protocol === EtherType.IP);
    case DLT.IPV6:
      return constant(protocol === EtherType.IPV6);
    case DLT.PPP:
    case DLT.PPP_PPPD:
    case DLT.PPP_SERIAL:
    case DLT.PPP_ETHER:
      return typeIs(on, pppProtocol(protocol));
    case DLT.PPP_BSDOS:
      if (protocol !== EtherType.IP) return typeIs(on, pppProtocol(protocol));
      return or(
        or(typeIs(on, pppProtocol(protocol)), typeIs(on, PPP_VJ_COMPRESSED)),
        typeIs(on, PPP_VJ_UNCOMPRESSED),
      );
    case DLT.NULL:
    case DLT.LOOP:
    case DLT.ENC:
      return loopbackProtocol(on, protocol);
    case DLT.PFLOG:
      if (protocol === EtherType.IP) return on.equal("link header", 1, BPF_B, AF_INET);
      if (protocol === EtherType.IPV6) return on.equal("link header", 1, BPF_B, AF_INET6_LINUX);
      return constant(false);
    case DLT.ARCNET:
    case DLT.ARCNET_LINUX: {
      const types = ARCNET_TYPES.get(protocol);
      if (types === undefined) return constant(false);
      return types.map((type) => on.equal("link type", 0, BPF_B, type)).reduce(or);
    }
    case DLT.LTALK:
      return constant(protocol === EtherType.ATALK);
    case DLT.FRELAY:
      return frameRelayProtocol(on, protocol);
    case DLT.BACNET_MS_TP:
      return on.equal("link header", 0, BPF_W, 0x55ff_0000, 0xffff_0000);
    case DLT.IPNET:
      if (protocol === EtherType.IP) return on.equal("link type", 0, BPF_B, 2);
      if (protocol === EtherType.IPV6) return on.equal("link type", 0, BPF_B, 26);
      return constant(false);
    default:
      if (on.linkTypeField.constant !== ABSENT) return typeIs(on, protocol);
      return refuse(`${describeLinkType(linkType)} link-layer type filtering not implemented`);
  }
}

function typeIs(on: Compilation, value: number): Condition {
  return on.equal("link type", 0, BPF_H, value);
}

/** The frame is 802.3: its type field is a length. */
function hasLength(on: Compilation): Condition {
  return not(on.compare("link type", 0, BPF_H, BPF_JGT, LARGEST_LENGTH));
}

function snap(on: Compilation, organization: number, protocol: number): Condition {
  return on.equalBytes("llc", 0, [
    Sap.SNAP,
    Sap.SNAP,
    0x03,
    organization >> 16,
    (organization >> 8) & 0xff,
    organization & 0xff,
    protocol >> 8,
    protocol & 0xff,
  ]);
}

/** Protocols whose frames have the same DSAP and SSAP. */
const isSymmetricSap = (protocol: number): boolean =>
  protocol === Sap.ISO || protocol === Sap.IP || protocol === Sap.NETBEUI;

const bothSaps = (on: Compilation, protocol: number): Condition =>
  on.equal("llc", 0, BPF_H, (protocol << 8) | protocol);

/** AppleTalk in SNAP has Apple's organization code, its ARP that of encapsulated Ethernet. */
const appleSnap = (on: Compilation, protocol: number): Condition =>
  snap(on, protocol === EtherType.ATALK ? 0x08_0007 : 0, protocol);

function etherProtocol(on: Compilation, protocol: number): Condition {
  if (isSymmetricSap(protocol)) return and(hasLength(on), bothSaps(on, protocol));
  if (protocol === Sap.IPX) {
    // Ethernet II, or 802.3 with IPX behind LLC, behind nothing, or behind SNAP.
    const llc = or(on.equal("llc", 0, BPF_B, Sap.IPX), on.equal("llc", 0, BPF_H, 0xffff));
    const in8023 = and(hasLength(on), or(snap(on, 0, EtherType.IPX), llc));
    return or(typeIs(on, EtherType.IPX), in8023);
  }
  if (protocol === EtherType.ATALK || protocol === EtherType.AARP) {
    const phase2 = and(hasLength(on), appleSnap(on, protocol));
    return or(typeIs(on, protocol), phase2);
  }
  if (protocol > LARGEST_LENGTH) return typeIs(on, protocol);
  return and(hasLength(on), on.equal("link type", 2, BPF_B, protocol));
}

function cookedProtocol(on: Compilation, protocol: number): Condition {
  const is8022 = (): Condition => typeIs(on, COOKED_802_2);
  if (isSymmetricSap(protocol)) return and(is8022(), bothSaps(on, protocol));
  if (protocol === Sap.IPX) {
    const llc = and(is8022(), or(on.equal("llc", 0, BPF_B, Sap.IPX), snap(on, 0, EtherType.IPX)));
    return or(typeIs(on, EtherType.IPX), or(typeIs(on, COOKED_802_3), llc));
  }
  if (protocol === EtherType.ATALK || protocol === EtherType.AARP) {
    return or(typeIs(on, protocol), and(is8022(), appleSnap(on, protocol)));
  }
  if (protocol > LARGEST_LENGTH) return typeIs(on, protocol);
  return and(is8022(), on.equal("link header", on.linkPayload.constant, BPF_B, protocol));
}

function llcProtocol(on: Compilation, protocol: number): Condition {
  if (isSymmetricSap(protocol)) return bothSaps(on, protocol);
  if (protocol === EtherType.ATALK) return appleSnap(on, protocol);
  return protocol <= LARGEST_LENGTH
    ? on.equal("llc", 0, BPF_B, protocol)
    : on.equal("llc", 6, BPF_H, protocol);
}

function loopbackProtocol(on: Compilation, protocol: number): Condition {
  const family = (number: number): Condition => on.equal("link header", 0, BPF_W, loopbackFamily(on, number));
  if (protocol === EtherType.IP) return family(AF_INET);
  if (protocol !== EtherType.IPV6) return constant(false);
  if (on.target.savefile === undefined) return family(AF_INET6_LINUX);
  const [bsd, freebsd, darwin] = AF_INET6_IN_FILES;
  return or(family(darwin), or(family(bsd), family(freebsd)));
}

/** As BPF loads it: big-endian, while the header is in the byte order of the machine that captured. */
function loopbackFamily(on: Compilation, family: number): number {
  if (on.linkType === DLT.LOOP || on.target.savefile?.swapped === true) return family;
  return (family << 24) >>> 0;
}

function frameRelayProtocol(on: Compilation, protocol: number): Condition {
  const nlpid = (value: number): Condition => on.equal("link header", 2, BPF_H, 0x0300 | value);
  if (protocol === EtherType.IP) return nlpid(0xcc);
  if (protocol === EtherType.IPV6) return nlpid(0x8e);
  if (protocol !== Sap.ISO) return constant(false);
  const clnp = nlpid(Nlpid.CLNP);
  return or(clnp, or(nlpid(Nlpid.ESIS), nlpid(Nlpid.ISIS)));
}

/** The bottom of the label stack is reached, and what follows is IPv4 or IPv6 by its first half byte. */
function mplsPayload(on: Compilation, protocol: number): Condition {
  if (protocol !== EtherType.IP && protocol !== EtherType.IPV6) refuse("unsupported protocol over mpls");
  const bottom = on.equal("previous mpls header", 2, BPF_B, 0x01, 0x01);
  return and(bottom, on.equal("network", 0, BPF_B, protocol === EtherType.IP ? 0x40 : 0x60, 0xf0));
}

// ---- LLC

/** The frame has an LLC header. */
export function llcFrame(on: Compilation): Condition {
  const { linkType } = on;
  if (isWlan(linkType)) return wlanDataFrame(on);
  switch (linkType) {
    case DLT.EN10MB:
      // All ones instead of SAPs is Novell's "raw" 802.3.
      return and(hasLength(on), not(on.equal("llc", 0, BPF_H, 0xffff)));
    case DLT.SUNATM: {
      const check = atmLlc(on);
      on.linkType = on.previousLinkType;
      return check;
    }
    case DLT.IEEE802:
    case DLT.FDDI:
    case DLT.ATM_RFC1483:
      return constant(true);
    default:
      return refuse(`'llc' not supported for ${describeLinkType(linkType)}`);
  }
}

/** An information, supervisory or unnumbered frame. */
export function llcFormat(on: Compilation, format: "i" | "s" | "u"): Condition {
  const frame = llcFrame(on);
  if (format === "i") return and(frame, not(test(BPF_JSET, 0x01, on.load("llc", 2, BPF_B))));
  return and(frame, on.equal("llc", 2, BPF_B, format === "s" ? 0x01 : 0x03, 0x03));
}

/** A frame whose control field, without the poll bit or sequence number (`mask`), is this. */
export function llcControl(on: Compilation, control: number, mask: number): Condition {
  const frame = llcFrame(on);
  return and(frame, on.equal("llc", 2, BPF_B, control, mask));
}

function atmLlc(on: Compilation): Condition {
  return on.equal("link header", on.layer.atm?.protocol ?? 0, BPF_B, 0x02, 0x0f);
}

// ---- what is around the link layer

/** 802.11: bit 3 of the first byte set and bit 2 clear. */
function wlanDataFrame(on: Compilation): Condition {
  const data = test(BPF_JSET, 0x08, on.load("link header", 0, BPF_B));
  const control = not(test(BPF_JSET, 0x04, on.load("link header", 0, BPF_B)));
  return and(control, data);
}

/** Tests that an encapsulated link-layer header needs and that were not done with its encapsulation. */
export function enclosingCheck(on: Compilation): Condition | undefined {
  if (on.insideGeneve) {
    // With Ethernet inside, the payload does not start where the header does. A Geneve offset has no constant part.
    return not(
      test(BPF_JEQ | BPF_X, 0, [
        statement(BPF_LD | BPF_MEM, on.linkHeader.register),
        statement(BPF_LDX | BPF_MEM, on.linkPayload.register),
      ]),
    );
  }
  if (on.previousLinkType !== DLT.SUNATM) return undefined;
  // LANE data, not a control message.
  return not(on.equal("previous link header", 4, BPF_H, 0xff00));
}
