/**
 * Expressions over the packet: `ip[8] + 3`, `tcp[tcpflags] & tcp-syn`, `len`. A value is code that leaves it in a word
 * of scratch memory, together with the condition under which it can be computed at all. Simple-minded code; the
 * optimiser makes it good.
 */
import {
  BPF_ADD,
  BPF_ALU,
  BPF_B,
  BPF_DIV,
  BPF_H,
  BPF_IMM,
  BPF_IND,
  BPF_JEQ,
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_LSH,
  BPF_MEM,
  BPF_MISC,
  BPF_MOD,
  BPF_NEG,
  BPF_RSH,
  BPF_ST,
  BPF_SUB,
  BPF_TAX,
  BPF_W,
  BPF_X,
} from "../wire/bpf/instruction.ts";
import { DLT } from "../wire/link-types.ts";
import { and, not, statement, test, type Condition, type Statement } from "./block.ts";
import type { Compilation, PacketOffset } from "./compilation.ts";
import { refuse } from "./filter-error.ts";
import { protocolAlone } from "./protocols.ts";
import { firstFragment } from "./ports.ts";
import type { FilterProtocol } from "./qualifiers.ts";

export interface Value {
  readonly code: readonly Statement[];
  /** Word of scratch memory. */
  readonly register: number;
  readonly onlyIf: Condition | undefined;
}

const ICMPV6 = 58;
const IPV6_HEADER_LENGTH = 40;

const NETWORK: ReadonlySet<FilterProtocol> = new Set<FilterProtocol>([
  "ip",
  "arp",
  "rarp",
  "atalk",
  "decnet",
  "sca",
  "lat",
  "moprc",
  "mopdl",
  "ip6",
]);
const TRANSPORT: ReadonlySet<FilterProtocol> = new Set<FilterProtocol>([
  "sctp",
  "tcp",
  "udp",
  "icmp",
  "igmp",
  "igrp",
  "pim",
  "vrrp",
  "carp",
]);

export function number(on: Compilation, value: number): Value {
  return inRegister(on, [statement(BPF_LD | BPF_IMM, value)]);
}

export function packetLength(on: Compilation): Value {
  return inRegister(on, [statement(BPF_LD | BPF_LEN)]);
}

function inRegister(on: Compilation, code: readonly Statement[]): Value {
  const register = on.allocateRegister();
  return { code: [...code, statement(BPF_ST, register)], register, onlyIf: undefined };
}

const toX = ({ register }: Value): Statement => statement(BPF_LDX | BPF_MEM, register);
const toA = ({ register }: Value): Statement => statement(BPF_LD | BPF_MEM, register);

export function negated(value: Value): Value {
  return {
    ...value,
    code: [...value.code, toA(value), statement(BPF_ALU | BPF_NEG), statement(BPF_ST, value.register)],
  };
}

/** @param operation BPF_ADD and the like */
export function combined(on: Compilation, operation: number, left: Value, right: Value): Value {
  const [first] = right.code;
  if (first?.code === (BPF_LD | BPF_IMM)) {
    if (operation === BPF_DIV && first.k === 0) refuse("division by zero");
    if (operation === BPF_MOD && first.k === 0) refuse("modulus by zero");
    if ((operation === BPF_LSH || operation === BPF_RSH) && first.k > 31)
      refuse("shift by more than 31 bits");
  }
  on.freeRegister(left.register);
  on.freeRegister(right.register);
  const register = on.allocateRegister();
  return {
    code: [
      ...left.code,
      ...right.code,
      toX(right),
      toA(left),
      statement(BPF_ALU | operation | BPF_X),
      statement(BPF_ST, register),
    ],
    register,
    onlyIf: left.onlyIf,
  };
}

/** `left` compared with `right`. @param reverse the comparison shall not hold */
export function relation(
  on: Compilation,
  jump: number,
  left: Value,
  right: Value,
  reverse: boolean,
): Condition {
  const code = [...left.code, ...right.code, toX(right), toA(left)];
  let check =
    jump === BPF_JEQ
      ? test(BPF_JEQ, 0, [...code, statement(BPF_ALU | BPF_SUB | BPF_X)])
      : test(jump | BPF_X, 0, code);
  if (reverse) check = not(check);
  on.freeRegister(left.register);
  on.freeRegister(right.register);
  const onlyIf =
    left.onlyIf !== undefined && right.onlyIf !== undefined
      ? and(left.onlyIf, right.onlyIf)
      : (left.onlyIf ?? right.onlyIf);
  return onlyIf === undefined ? check : and(onlyIf, check);
}

/** `protocol[index:size]`. */
export function field(on: Compilation, protocol: FilterProtocol, index: Value, size: number): Value {
  const register = on.allocateRegister();
  on.freeRegister(index.register);
  const width =
    size === 1 ? BPF_B : size === 2 ? BPF_H : size === 4 ? BPF_W : refuse("data size must be 1, 2, or 4");
  const load = (k: number): Statement => statement(BPF_LD | BPF_IND | width, k);
  const together = (first: Condition | undefined, second: Condition): Condition =>
    first === undefined ? second : and(first, second);

  let code: readonly Statement[];
  let { onlyIf } = index;
  if (protocol === "radio") {
    const radio = [DLT.IEEE802_11_RADIO_AVS, DLT.IEEE802_11_RADIO, DLT.PRISM_HEADER] as readonly number[];
    if (!radio.includes(on.linkType)) refuse("radio information not present in capture");
    code = [toX(index), load(0)];
  } else if (protocol === "link") {
    code = [...indexFrom(on, on.linkHeader, index), load(on.linkHeader.constant)];
  } else if (NETWORK.has(protocol)) {
    code = [...indexFrom(on, on.linkPayload, index), load(on.linkPayload.constant + on.network)];
    onlyIf = together(onlyIf, protocolAlone(on, protocol));
  } else if (TRANSPORT.has(protocol)) {
    code = [
      ...on.loadIpv4HeaderLength(),
      toA(index),
      statement(BPF_ALU | BPF_ADD | BPF_X),
      statement(BPF_MISC | BPF_TAX),
      load(on.linkPayload.constant + on.network),
    ];
    const isProtocol = protocolAlone(on, protocol);
    onlyIf = together(onlyIf, and(isProtocol, firstFragment(on)));
    onlyIf = and(protocolAlone(on, "ip"), onlyIf);
  } else if (protocol === "icmp6") {
    onlyIf = together(onlyIf, protocolAlone(on, "ip6"));
    onlyIf = and(onlyIf, on.equal("network", 6, BPF_B, ICMPV6));
    code = [
      ...indexFrom(on, on.linkPayload, index),
      load(on.linkPayload.constant + on.network + IPV6_HEADER_LENGTH),
    ];
  } else return refuse("unsupported index operation");
  return { code: [...index.code, ...code, statement(BPF_ST, register)], register, onlyIf };
}

/** Code that leaves in X the index, plus the variable part of the offset that it counts from. */
function indexFrom(on: Compilation, base: PacketOffset, index: Value): Statement[] {
  const variable = on.loadVariablePart(base);
  if (variable === undefined) return [toX(index)];
  return [...variable, toA(index), statement(BPF_ALU | BPF_ADD | BPF_X), statement(BPF_MISC | BPF_TAX)];
}
