// Sweeps over protocols of one link: discovery, spanning tree, operation and maintenance, PPP, and 802.11.

import type { Bytes, Choice } from "../frames.ts";
import { ethernet, hex, ieee8023, snap, text, tlv16, tlv8, u16 } from "../frames.ts";
import { BYTE, combinations, FEW_LENGTHS, LENGTHS, range } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

const [LINKTYPE_PPP, LINKTYPE_IEEE802_11, LINKTYPE_IEEE802_11_RADIOTAP] = [9, 105, 127];

function lldpTlv(type: number, value: Bytes): Bytes {
  return [...u16((type << 9) | value.length), ...value];
}

function lldp(choice: Choice, tlvs: Bytes): Bytes {
  const mandatory = [
    ...lldpTlv(1, [4, ...choice.small(6)]),
    ...lldpTlv(2, [5, ...text("eth0")]),
    ...lldpTlv(3, [0, 120]),
  ];
  return ethernet(0x88cc, [...mandatory, ...tlvs, 0, 0]);
}

const LLDP_OUIS = ["0080c2", "00120f", "0012bb", "000ecf", "00000c", "001b21", "001321"];
const CISCO = "00000c";
const [CDP, VTP, DTP, UDLD] = [0x2000, 0x2003, 0x2004, 0x0111];

const PPP_PROTOCOLS = [
  0xc021, 0x8021, 0x80fd, 0x8057, 0xc02d, 0xc02b, 0x8281, 0x8031, 0x803f, 0x802b, 0x8029, 0xc023, 0xc223, 0xc227,
  0x003d, 0x00fd, 0x0053, 0x8053, 0xc025, 0x0021, 0x0057, 0x0281, 0x0283,
]; // prettier-ignore

function ppp(protocol: number, code: number, body: Bytes): Bytes {
  return [0xff, 3, ...u16(protocol), code, 1, ...u16(4 + body.length), ...body];
}

/** Fixed fields by subtype of a management frame of 802.11. */
const MANAGEMENT_FIXED = new Map([
  [0, 4], [1, 6], [2, 10], [3, 6], [5, 12], [8, 12], [10, 2], [11, 6], [12, 2], [13, 2],
]); // prettier-ignore

function management(choice: Choice, subtype: number, elements: Bytes): Bytes {
  const fixed = choice.small(MANAGEMENT_FIXED.get(subtype) ?? 0);
  return [
    subtype << 4,
    0,
    ...choice.small(22),
    ...fixed,
    0,
    4,
    ...text("test"),
    ...hex("010482848b96"),
    ...elements,
  ];
}

const little16 = (value: number): Bytes => [value & 0xff, value >>> 8];

export const LINK_PROTOCOLS: Readonly<Record<string, Sweep>> = {
  lldpTlvs: combinations([range(0, 128), LENGTHS], (choice, type, length) =>
    lldp(choice, lldpTlv(type, choice.small(length))),
  ),
  lldpIdentifiers: combinations(
    [[1, 2], range(0, 9), [0, 1, 4, 5, 6, 8, 17]],
    (choice, type, subtype, length) =>
      ethernet(0x88cc, [...lldpTlv(type, [subtype, ...choice.small(length)]), 0, 0]),
  ),
  lldpManagementAddresses: combinations(
    [[0, 1, 2, 6, 255], range(0, 20), [4, 16], [5, 6, 8, 12]],
    (choice, family, length, given, more) =>
      lldp(choice, lldpTlv(8, [length, family, ...choice.small(given), ...choice.small(more)])),
  ),
  lldpOrganizations: combinations(
    [range(0, LLDP_OUIS.length), range(0, 32), LENGTHS],
    (choice, oui, subtype, length) =>
      lldp(choice, lldpTlv(127, [...hex(LLDP_OUIS[oui] ?? ""), subtype, ...choice.small(length)])),
  ),
  cdpTlvs: combinations(
    [[...range(0, 0x24), ...range(0x1000, 0x1004), 0xffff], LENGTHS],
    (choice, type, length) =>
      snap(CISCO, CDP, [2, 180, ...choice.small(2), ...tlv16(type, choice.small(length), 4)]),
  ),
  cdpAddresses: combinations([[2, 7, 0x16], range(1, 30), range(0, 4)], (choice, type, length) =>
    snap(CISCO, CDP, [choice.of([1, 2]), 180, ...choice.small(2), ...tlv16(type, choice.small(length), 4)]),
  ),
  ciscoTlvs: combinations(
    [[VTP, DTP, UDLD], range(0, 20), [0, 1, 2, 3, 4, 5, 6, 8, 12, 20]],
    (choice, id, type, length) =>
      snap(CISCO, id, [1, ...(id === DTP ? [] : choice.small(3)), ...tlv16(type, choice.small(length), 4)]),
  ),
  ciscoMessages: combinations(
    [[VTP, DTP, UDLD], [1, 2, 3], range(0, 8), range(0, 60, 3)],
    (choice, id, version, code, length) => snap(CISCO, id, [version, code, ...choice.small(length)]),
  ),
  spanningTree: combinations(
    [range(0, 6), [0, 2, 0x80, 1], [0, 3, 10, 31, 32, 33, 34, 36, 60, 100, 102, 110, 118, 130]],
    (choice, version, type, length) =>
      ieee8023([0x42, 0x42, 3, 0, 0, version, type, ...choice.small(length)]),
  ),
  cfmOpcodes: combinations([BYTE, [0, 4, 20, 70], [4, 70, 0, 8]], (choice, opcode, length, offset) =>
    ethernet(0x8902, [choice.below(8) << 5, opcode, choice.below(256), offset, ...choice.small(length)]),
  ),
  cfmTlvs: combinations(
    [
      [...range(0, 12), 31, 32, 255],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 20, 30],
      [2, 3, 4, 5],
    ],
    (choice, type, length, opcode) =>
      ethernet(0x8902, [
        0,
        opcode,
        0,
        4,
        ...choice.small(4),
        type,
        ...u16(length),
        ...choice.small(length),
        0,
      ]),
  ),
  cfmNames: combinations(
    [[1, 2, 3, 4, 5, 32], [0, 4, 8, 24], [1, 2, 3, 4, 32], [0, 2, 6, 16], [1, 2], [0, 1, 6, 7], [2, 6, 20, 38]],
    (choice, domain, domainLength, association, associationLength, tlv, chassis, length) =>
      ethernet(0x8902, [
        0, 1, choice.below(256), 70, ...choice.small(4), 0, 1, domain, domainLength, association, associationLength,
        ...choice.small(56), tlv, ...u16(length), chassis, choice.below(8), ...choice.small(length),
      ]),
  ), // prettier-ignore
  slowProtocols: combinations(
    [range(0, 12), range(0, 8), [0, 2, 10, 20, 60, 108]],
    (choice, subtype, code, length) =>
      ethernet(0x8809, [
        subtype,
        ...(subtype === 3 ? [...choice.small(2), code] : [1]),
        ...choice.small(length),
      ]),
  ),
  oamTlvs: combinations(
    [range(0, 10), [0, 2, 4, 10, 16, 20, 26, 28], range(0, 3)],
    (choice, type, length, shape) => {
      const tlv = [type, length, ...choice.small(Math.max(0, length - 2))];
      if (shape === 2)
        return ethernet(0x8809, [1, 1, ...tlv, 3, 16, ...choice.small(14), 0, 0, ...choice.small(50)]);
      return ethernet(0x8809, [3, ...choice.small(2), shape, ...(shape === 1 ? u16(1) : []), ...tlv, 0, 0]);
    },
  ),
  arpHardware: combinations(
    [[1, 6, 15, 16, 17, 19, 24, 32, 20, 0], [0x800, 0x86dd, 1], [6, 8, 20, 0, 1, 64], [4, 16, 0, 2, 20], [1, 2, 8, 9, 10, 25]],
    (choice, hardware, protocol, hardwareLength, protocolLength, operation) =>
      ethernet(choice.mostly(0x806, [0x8035]), [
        ...u16(hardware), ...u16(protocol), hardwareLength, protocolLength, ...u16(operation), ...choice.small(choice.below(60)),
      ]),
  ), // prettier-ignore
  pppProtocols: combinations(
    [range(1, 0x10000, 2)],
    (choice, protocol) => [0xff, 3, ...u16(protocol), ...choice.small(20)],
    LINKTYPE_PPP,
  ),
  pppCodes: combinations(
    [PPP_PROTOCOLS, range(0, 18), [0, 1, 2, 4, 8, 12]],
    (choice, protocol, code, length) => ppp(protocol, code, choice.small(length)),
    LINKTYPE_PPP,
  ),
  pppOptions: combinations(
    [PPP_PROTOCOLS, range(0, 40), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18]],
    (choice, protocol, option, length) =>
      ppp(protocol, choice.between(1, 4), [option, length, ...choice.small(Math.max(0, length - 2))]),
    LINKTYPE_PPP,
  ),
  wirelessFrames: combinations(
    [BYTE, [0, 1, 2, 3, 0x40, 0x43, 0x80, 8, 4, 0x10, 0x20], [2, 8, 14, 20, 24, 28, 32, 40, 60]],
    (choice, control, flags, length) => [control, flags, ...choice.small(length)],
    LINKTYPE_IEEE802_11,
  ),
  wirelessElements: combinations(
    [range(0, 16), BYTE, FEW_LENGTHS],
    (choice, subtype, element, length) => management(choice, subtype, tlv8(element, choice.small(length))),
    LINKTYPE_IEEE802_11,
  ),
  wirelessActions: combinations(
    [range(0, 16), range(0, 14), [0, 8, 20]],
    (choice, category, action, length) => [
      0xd0,
      0,
      ...choice.small(22),
      category,
      action,
      ...choice.small(length),
    ],
    LINKTYPE_IEEE802_11,
  ),
  radiotapFields: combinations(
    [range(0, 32), [4, 8, 16, 24, 40]],
    (choice, bit, length) => {
      const present = range(0, 4).map((byte) => (bit >>> 3 === byte ? 1 << (bit & 7) : 0));
      return [
        0,
        0,
        ...little16(8 + length),
        ...present,
        ...choice.small(length),
        0x80,
        0,
        ...choice.small(40),
      ];
    },
    LINKTYPE_IEEE802_11_RADIOTAP,
  ),
  radiotapMany: combinations(
    [[8, 16, 24, 40, 60], [0x80, 8, 0xd0, 0xb4, 0x88], range(0, 80)],
    (choice, length, control) => [
      choice.mostly(0, [1]), 0, ...little16(8 + length), ...choice.bytes(4).map((byte) => byte & choice.below(256)),
      ...choice.small(length), control, choice.below(256), ...choice.small(40),
    ],
    LINKTYPE_IEEE802_11_RADIOTAP,
  ), // prettier-ignore
};
