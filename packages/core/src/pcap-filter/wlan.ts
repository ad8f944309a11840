/**
 * 802.11: where the addresses are depends on the frame's type and direction (IEEE 802.11, 9.2 and 9.3). Also the lengths
 * of the headers, which a program computes once at its start, and the words for types and subtypes.
 */
import {
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_IMM,
  BPF_IND,
  BPF_JA,
  BPF_JEQ,
  BPF_JMP,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LSH,
  BPF_MEM,
  BPF_MISC,
  BPF_OR,
  BPF_ST,
  BPF_TAX,
  BPF_TXA,
  BPF_W,
  BPF_X,
} from "../wire/bpf/instruction.ts";
import { DLT } from "../wire/link-types.ts";
import { and, not, or, statement, test, type Condition, type Statement } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { refuse } from "./filter-error.ts";
import { isWlan } from "./link-layer.ts";
import type { Direction } from "./qualifiers.ts";

/** Bits of the first byte (frame control 0): type and subtype. */
const TYPE_MASK = 0x0c;
export const WLAN_TYPE_MASK = TYPE_MASK;
export const WLAN_SUBTYPE_MASK = 0xf0;
const CONTROL = 0x04;
const SUBTYPE_CTS = 0xc0;
const SUBTYPE_ACK = 0xd0;
/** Bits of the second byte (frame control 1). */
const TO_DS = 0x01;
const FROM_DS = 0x02;
const DIRECTION_MASK = 0x03;

function bit(on: Compilation, byte: 0 | 1, mask: number): Condition {
  return test(BPF_JSET, mask, on.load("link header", byte, BPF_B));
}

/** Management frames have the address at one place, data frames at one that depends on To DS; control frames have none. */
function unlessControl(on: Compilation, data: Condition, management: () => Condition): Condition {
  const asData = and(bit(on, 0, 0x08), data);
  const asManagement = and(not(bit(on, 0, 0x08)), management());
  const either = or(asManagement, asData);
  return and(not(bit(on, 0, 0x04)), either);
}

/** The destination address: at 16 with To DS, otherwise at 4. `at` makes the test of an address. */
function wlanDestination(on: Compilation, at: (offset: number) => Condition): Condition {
  const toDs = and(bit(on, 1, TO_DS), at(16));
  const direct = and(not(bit(on, 1, TO_DS)), at(4));
  return unlessControl(on, or(direct, toDs), () => at(4));
}

function wlanSource(on: Compilation, at: (offset: number) => Condition): Condition {
  const relayed = and(bit(on, 1, TO_DS), at(24));
  const fromDs = and(not(bit(on, 1, TO_DS)), at(16));
  const withFromDs = and(bit(on, 1, FROM_DS), or(fromDs, relayed));
  const withoutFromDs = and(not(bit(on, 1, FROM_DS)), at(10));
  return unlessControl(on, or(withoutFromDs, withFromDs), () => at(10));
}

/** Frames other than CTS and ACK, which have no second address. */
function hasSecondAddress(on: Compilation): Condition {
  const is = (value: number, mask: number): Condition => not(on.equal("link header", 0, BPF_B, value, mask));
  const notControl = is(CONTROL, TYPE_MASK);
  const notCts = is(SUBTYPE_CTS, WLAN_SUBTYPE_MASK);
  return or(notControl, and(notCts, is(SUBTYPE_ACK, WLAN_SUBTYPE_MASK)));
}

export function wlanHost(
  on: Compilation,
  address: ArrayLike<number>,
  direction: Direction | undefined,
): Condition {
  const at = (offset: number): Condition => on.equalBytes("link header", offset, address);
  switch (direction) {
    case "src":
      return wlanSource(on, at);
    case "dst":
      return wlanDestination(on, at);
    case "and":
    case "or":
    case undefined: {
      const source = wlanSource(on, at);
      const destination = wlanDestination(on, at);
      return direction === "and" ? and(source, destination) : or(source, destination);
    }
    case "addr1":
      return at(4);
    case "addr2":
      return and(hasSecondAddress(on), at(10));
    case "addr3":
      return and(not(on.equal("link header", 0, BPF_B, CONTROL, TYPE_MASK)), at(16));
    case "addr4":
      return and(on.equal("link header", 1, BPF_B, TO_DS | FROM_DS, DIRECTION_MASK), at(24));
    case "ra":
      return and(bit(on, 0, 0x08), at(4));
    case "ta": {
      const second = hasSecondAddress(on);
      return and(and(bit(on, 0, 0x08), second), at(10));
    }
  }
}

/** The destination is a group address. */
export function wlanMulticast(on: Compilation): Condition {
  return wlanDestination(on, (offset) => test(BPF_JSET, 1, on.load("link header", offset, BPF_B)));
}

// ---- types and directions

const TYPES: ReadonlyMap<string, number> = new Map([
  ["data", 0x08],
  ["mgt", 0x00],
  ["management", 0x00],
  ["ctl", 0x04],
  ["control", 0x04],
]);

/** In the order in which `subtype` alone looks for a name. */
const SUBTYPES: readonly (readonly [type: number, names: ReadonlyMap<string, number>])[] = [
  [
    0x00,
    new Map([
      ["assocreq", 0x00],
      ["assoc-req", 0x00],
      ["assocresp", 0x10],
      ["assoc-resp", 0x10],
      ["reassocreq", 0x20],
      ["reassoc-req", 0x20],
      ["reassocresp", 0x30],
      ["reassoc-resp", 0x30],
      ["probereq", 0x40],
      ["probe-req", 0x40],
      ["proberesp", 0x50],
      ["probe-resp", 0x50],
      ["beacon", 0x80],
      ["atim", 0x90],
      ["disassoc", 0xa0],
      ["disassociation", 0xa0],
      ["auth", 0xb0],
      ["authentication", 0xb0],
      ["deauth", 0xc0],
      ["deauthentication", 0xc0],
    ]),
  ],
  [
    0x04,
    new Map([
      ["ps-poll", 0xa0],
      ["rts", 0xb0],
      ["cts", 0xc0],
      ["ack", 0xd0],
      ["cf-end", 0xe0],
      ["cf-end-ack", 0xf0],
    ]),
  ],
  [
    0x08,
    new Map([
      ["data", 0x00],
      ["data-cf-ack", 0x10],
      ["data-cf-poll", 0x20],
      ["data-cf-ack-poll", 0x30],
      ["null", 0x40],
      ["cf-ack", 0x50],
      ["cf-poll", 0x60],
      ["cf-ack-poll", 0x70],
      ["qos-data", 0x80],
      ["qos-data-cf-ack", 0x90],
      ["qos-data-cf-poll", 0xa0],
      ["qos-data-cf-ack-poll", 0xb0],
      ["qos", 0xc0],
      ["qos-cf-poll", 0xe0],
      ["qos-cf-ack-poll", 0xf0],
    ]),
  ],
];

const DIRECTIONS: ReadonlyMap<string, number> = new Map([
  ["nods", 0],
  ["tods", TO_DS],
  ["fromds", FROM_DS],
  ["dstods", TO_DS | FROM_DS],
]);

const hexByte = (value: number): string => value.toString(16).padStart(2, "0");

export function wlanTypeNumber(word: string | number): number {
  if (typeof word === "number") {
    if ((word & ~TYPE_MASK) !== 0) refuse(`invalid 802.11 type value 0x${hexByte(word)}`);
    return word;
  }
  return TYPES.get(word.toLowerCase()) ?? refuse(`unknown 802.11 type name "${word}"`);
}

export function wlanSubtypeNumber(type: number, word: string | number): number {
  if (typeof word === "number") {
    if ((word & ~WLAN_SUBTYPE_MASK) !== 0) refuse(`invalid 802.11 subtype value 0x${hexByte(word)}`);
    return word;
  }
  const names = SUBTYPES.find(([of]) => of === type)?.[1] ?? refuse("unknown 802.11 type");
  return names.get(word.toLowerCase()) ?? refuse(`unknown 802.11 subtype name "${word}"`);
}

/** Type and subtype of a name that stands alone. */
export function wlanTypeAndSubtype(word: string): number {
  for (const [type, names] of SUBTYPES) {
    const subtype = names.get(word.toLowerCase());
    if (subtype !== undefined) return type | subtype;
  }
  return refuse("unknown 802.11 type name");
}

export function wlanDirectionNumber(word: string | number): number {
  if (typeof word === "number") return word;
  return DIRECTIONS.get(word.toLowerCase()) ?? refuse("unknown 802.11 direction");
}

/** All but PPI, which libpcap leaves out here. */
const hasWlanHeader = (linkType: number): boolean => isWlan(linkType) && linkType !== DLT.PPI;

export function wlanType(on: Compilation, value: number, mask: number): Condition {
  if (!hasWlanHeader(on.linkType)) refuse("802.11 link-layer types supported only on 802.11");
  return on.equal("link header", 0, BPF_B, value, mask);
}

export function wlanFrameDirection(on: Compilation, direction: number): Condition {
  if (!hasWlanHeader(on.linkType)) refuse("frame direction supported only with 802.11 headers");
  return on.equal("link header", 1, BPF_B, direction, DIRECTION_MASK);
}

// ---- lengths of headers, computed at the start of the program

/** Code that leaves the length of the radio header in its register and in X; undefined if nobody asked for it. */
export function radioHeaderLength(on: Compilation): Statement[] | undefined {
  const { register } = on.linkHeader;
  // libpcap leaves every program for Prism headers as it is, even one that does not look at their length.
  if (on.outermostLinkType === DLT.PRISM_HEADER) on.optimisable = false;
  if (register < 0) return undefined;
  const keep = [statement(BPF_ST, register), statement(BPF_MISC | BPF_TAX)];
  switch (on.outermostLinkType) {
    case DLT.PRISM_HEADER: {
      // Drivers deliver an AVS header under this type as well; its magic number tells.
      const avs = statement(BPF_LD | BPF_ABS | BPF_W, 4);
      const prism = statement(BPF_LD | BPF_IMM | BPF_W, 144);
      const isAvs: Statement = { ...statement(BPF_JMP | BPF_JEQ | BPF_K, 0x8021_1000), jt: avs, jf: prism };
      return [
        statement(BPF_LD | BPF_ABS | BPF_W, 0),
        statement(BPF_ALU | BPF_AND | BPF_K, 0xffff_f000),
        isAvs,
        avs,
        statement(BPF_JMP | BPF_JA, 1),
        prism,
        ...keep,
      ];
    }
    case DLT.IEEE802_11_RADIO_AVS:
      return [statement(BPF_LD | BPF_ABS | BPF_W, 4), ...keep];
    case DLT.IEEE802_11_RADIO:
    case DLT.PPI:
      // 16 bits, little-endian.
      return [
        statement(BPF_LD | BPF_ABS | BPF_B, 3),
        statement(BPF_ALU | BPF_LSH | BPF_K, 8),
        statement(BPF_MISC | BPF_TAX),
        statement(BPF_LD | BPF_ABS | BPF_B, 2),
        statement(BPF_ALU | BPF_OR | BPF_X),
        ...keep,
      ];
    default:
      return undefined;
  }
}

/**
 * Code that leaves the length of the 802.11 header in its register: 24 bytes, 2 more with QoS, and Atheros' padding to 4
 * bytes if radiotap tells of it. Radiotap's presence bits are little-endian, and compared as they are loaded.
 *
 * @param radio code that leaves the length of the radio header in X
 * @param next first statement after this code
 */
export function wlanHeaderLength(
  on: Compilation,
  radio: Statement[] | undefined,
  next: Statement | undefined,
): Statement[] | undefined {
  const { register } = on.linkPayload;
  if (register < 0) return radio;
  on.optimisable = false;
  const jset = (k: number): Statement => statement(BPF_JMP | BPF_JSET | BPF_K, k);
  const add = (k: number): Statement[] => [
    statement(BPF_LD | BPF_MEM, register),
    statement(BPF_ALU | BPF_ADD | BPF_K, k),
  ];
  const isData = jset(0x08);
  const isControl = jset(0x04);
  const hasQos = jset(0x80);
  const [loadForQos, addQos] = add(2);
  const code = [
    ...(radio ?? [statement(BPF_LDX | BPF_IMM, on.outermostLinkHeader.constant)]),
    statement(BPF_MISC | BPF_TXA),
    statement(BPF_ALU | BPF_ADD | BPF_K, 24),
    statement(BPF_ST, register),
    statement(BPF_LD | BPF_IND | BPF_B, 0),
    isData,
    isControl,
    hasQos,
    loadForQos as Statement,
    addQos as Statement,
    statement(BPF_ST, register),
  ];
  isData.jt = isControl;
  isData.jf = next;
  isControl.jt = next;
  isControl.jf = hasQos;
  hasQos.jt = loadForQos;
  hasQos.jf = next;
  if (on.linkType !== DLT.IEEE802_11_RADIO) return code;

  const present = statement(BPF_LD | BPF_ABS | BPF_W, 4);
  const hasFlags = jset(0x0200_0000);
  const hasExtension = jset(0x0000_0080);
  const hasTsft = jset(0x0100_0000);
  const flagsAfterTsft = statement(BPF_LD | BPF_ABS | BPF_B, 16);
  const padAfterTsft = jset(0x20);
  const flags = statement(BPF_LD | BPF_ABS | BPF_B, 8);
  const pad = jset(0x20);
  const [loadForPad, addPad] = add(3);
  hasQos.jf = present;
  hasFlags.jt = hasExtension;
  hasFlags.jf = next;
  hasExtension.jt = next;
  hasExtension.jf = hasTsft;
  hasTsft.jt = flagsAfterTsft;
  hasTsft.jf = flags;
  for (const test of [padAfterTsft, pad]) {
    test.jt = loadForPad;
    test.jf = next;
  }
  return [
    ...code,
    present,
    hasFlags,
    hasExtension,
    hasTsft,
    flagsAfterTsft,
    padAfterTsft,
    flags,
    pad,
    loadForPad as Statement,
    addPad as Statement,
    statement(BPF_ALU | BPF_AND | BPF_K, 0xffff_fffc),
    statement(BPF_ST, register),
  ];
}
