// Values, masks and parts of every field that Open vSwitch knows, in the syntax of ovs-fields(7), right and wrong.

import { fields } from "@patchcord/core/ovsproto/openflow/fields.ts";
import type { Field } from "@patchcord/core/ovsproto/openflow/fields.ts";
import type { Words } from "./words.ts";

const CT_STATES = ["new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"];
const TCP_FLAGS = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"];
const ADDRESSES6 = [
  "::", "::1", "fe80::1", "2001:db8::2", "ff02::1:ff00:1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8",
  "2001:cafe:0:0:1::", "1::2::3", "fe80::g",
]; // prettier-ignore
const PORT_WORDS = [
  "1", "2", "3", "LOCAL", "local", "IN_PORT", "in_port", "CONTROLLER", "ANY", "NONE", "NORMAL", "FLOOD", "ALL",
  "TABLE", "UNSET", "65279", "65280", "65534", "0xfffffffe", "4294967295", "4294901760", "p1", "0", '"p 1"',
]; // prettier-ignore

/** A number of so many bits, small, at a limit, or now and then one that does not fit. */
export function number(bits: number, words: Words): string {
  const limit = 1n << BigInt(bits);
  const digits = Math.ceil(bits / 4);
  const value = words.pick<() => bigint>([
    () => BigInt(words.below(5)), () => BigInt(words.below(5)), () => limit - 1n, () => limit >> 1n, () => limit,
    () => BigInt(`0x${words.hex(digits)}`) % limit, () => BigInt(`0x${words.hex(digits)}`) % limit,
  ])(); // prettier-ignore
  return words.chance(60) ? `0x${value.toString(16)}` : value.toString();
}

function address(words: Words): string {
  return words.pick([
    "10.0.0.1", "192.168.1.255", "0.0.0.0", "255.255.255.255", "224.0.0.1",
    `${words.below(256)}.${words.below(256)}.${words.below(256)}.${words.below(256)}`, "1.2.3", "1.2.3.256", "01.2.3.4",
  ]); // prettier-ignore
}

function mac(words: Words): string {
  return words.pick(["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "2:0:0:0:0:1",
    words.hex(12).replace(/(..)(?!$)/g, "$1:"), "00:11:22:33:44", "00:11:22:33:44:55:66"]); // prettier-ignore
}

function flags(names: readonly string[], words: Words): string {
  const some = words.some(names, 4);
  if (words.chance(15)) return number(words.pick([8, 16]), words);
  if (words.chance(15)) return `${number(8, words)}/${number(8, words)}`;
  if (words.chance(30)) return some.join("|") || "0";
  return some.map((name) => words.pick(["+", "-"]) + name).join("") || words.pick(["+", "0", ""]);
}

function plain(field: Field, words: Words): string {
  switch (field.format) {
    case "ethernet":
      return mac(words);
    case "ipv4":
      return address(words);
    case "ipv6":
      return words.pick(ADDRESSES6);
    case "port":
    case "port32":
      return words.pick(PORT_WORDS);
    case "frag":
      return words.pick(["no", "yes", "first", "later", "not_later", "NO", "maybe", "0x1/0x3"]);
    case "tunnel-flags":
      return words.pick(["oam", "+oam", "-oam", "0", "1", "0/1", "1/1", "0x2", "+oam-oam", "csum"]);
    case "ct-state":
      return flags(CT_STATES, words);
    case "tcp-flags":
      return flags(TCP_FLAGS, words);
    case "packet-type":
      return words.pick(["(0,0)", "(1,0x800)", "(1,0x86dd)", "(1,0x8847)", "(1,0x894f)", "(0,1)", "(2,0)", "(1,65536)",
        "0", "(1", "(1,0x0)", "(1,0xffff)", "(0x1,2048)"]); // prettier-ignore
    default:
      return number(Math.min(field.bits, field.tunMetadata === undefined ? 128 : 64), words);
  }
}

function mask(field: Field, words: Words): string {
  switch (field.format) {
    case "ethernet":
      return words.pick([
        "ff:ff:ff:ff:ff:ff",
        "00:00:00:00:00:00",
        "01:00:00:00:00:00",
        "ff:ff:ff:00:00:00",
        "1",
      ]);
    case "ipv4":
      return words.pick(["0", "8", "24", "32", "33", "255.255.0.0", "255.0.255.0", "0.0.0.0", "x"]);
    case "ipv6":
      return words.pick(["0", "64", "128", "129", "ffff::", "ffff::ffff", "::"]);
    default:
      return number(Math.min(field.bits, 128), words);
  }
}

/** As `0x10/0xff`. */
export function fieldValue(field: Field, words: Words): string {
  const value = plain(field, words);
  return words.chance(field.maskable ? 30 : 5) ? `${value}/${mask(field, words)}` : value;
}

const nameOf = (field: Field, words: Words): string => words.pick([field.name, field.alias ?? field.name]);

/** Registers and metadata for tunnels would be chosen far too often. */
const SELDOM = /^(tun_metadata|x*reg)\d+$/;
const OFTEN = fields.filter(({ name }) => !SELDOM.test(name) || name.endsWith("1"));

export const someField = (words: Words): Field => words.pick(words.chance(85) ? OFTEN : fields);

/** A value and a field's name as set_field wants them. */
export function setFieldWords(words: Words): string {
  const field = someField(words);
  return `${fieldValue(field, words)}->${nameOf(field, words)}`;
}

/** Part of a field: `NXM_NX_REG0[0..15]`. */
export function subfield(words: Words): string {
  const field = someField(words);
  const name = words.pick([nameOf(field, words), words.pick(field.codes)?.name ?? field.name]);
  const first = words.below(field.bits);
  const last = words.below(field.bits + 1);
  return words.pick([
    `${name}[]`, `${name}[]`, `${name}[${first}]`, `${name}[${Math.min(first, last)}..${Math.max(first, last)}]`, name,
    `${name}[0..${words.pick([7, 15, 31, 47, 128])}]`, `${name}[${last}..${first}]`,
  ]); // prettier-ignore
}

/** Two parts of equal width, most of the time. */
export function subfieldPair(words: Words): string {
  if (words.chance(15)) return `${subfield(words)}->${subfield(words)}`;
  const from = someField(words);
  const to = someField(words);
  const width = 1 + words.below(Math.min(from.bits, to.bits));
  const part = (field: Field): string => {
    const first = words.below(field.bits - width + 1);
    const name = words.pick([nameOf(field, words), words.pick(field.codes)?.name ?? field.name]);
    return `${name}[${first}..${first + width - 1}]`;
  };
  return `${part(from)}->${part(to)}`;
}

const PROTOCOL_WORDS: Readonly<Record<string, readonly string[]>> = {
  vlan: ["vlan_tci=0x1000/0x1000", "dl_vlan=5"],
  arp: ["arp", "rarp", "dl_type=0x806"],
  ipv4: ["ip", "dl_type=0x800", "ipv4"],
  ipv6: ["ipv6", "dl_type=0x86dd"],
  ip: ["ip", "ipv6"],
  mpls: ["mpls", "mplsm"],
  tcp: ["tcp", "tcp6", "ip,nw_proto=6"],
  udp: ["udp", "udp6"],
  sctp: ["sctp", "sctp6"],
  icmpv4: ["icmp"],
  icmpv6: ["icmp6"],
  nd: ["icmp6,icmp_type=135,icmp_code=0", "icmp6,icmpv6_type=136,icmpv6_code=0"],
  "nd-solicit": ["icmp6,icmp_type=135,icmp_code=0"],
  "nd-advert": ["icmp6,icmp_type=136,icmp_code=0"],
  nsh: ["dl_type=0x894f", "packet_type=(1,0x894f)"],
  ct: ["ct_state=+trk,ip", "ct_state=+trk,ipv6", "ct_state=+trk+est,tcp"],
};

/** A match with fields that go together most of the time. */
export function matchWords(words: Words): string {
  const out: string[] = [];
  const anchor = someField(words);
  if (!words.chance(8)) out.push(...words.some(PROTOCOL_WORDS[anchor.prerequisite] ?? [], 9).slice(0, 1));
  const same = fields.filter(
    (field) => field.prerequisite === anchor.prerequisite && !SELDOM.test(field.name),
  );
  const chosen = words.chance(30) ? [] : [anchor];
  if (words.chance(50)) chosen.push(...words.some(same, 3));
  if (words.chance(25)) chosen.push(someField(words));
  for (const field of chosen) out.push(`${nameOf(field, words)}=${fieldValue(field, words)}`);
  if (words.chance(3))
    out.push(words.pick(["nonsense=3", "tcp", "ip", "=", "a=(b", "cookie=3", "table=3", "out_port=1"]));
  return out.join(words.pick([",", ",", ",", " ", ", "]));
}
