/**
 * Geneve (RFC 8926) over UDP port 6081. Its header has a variable length, so that the offsets of what is inside are
 * computed by the program: of the payload's EtherType, of the inner Ethernet header if there is one, and of the payload.
 */
import {
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_H,
  BPF_IMM,
  BPF_IND,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_MEM,
  BPF_MISC,
  BPF_MUL,
  BPF_ST,
  BPF_STX,
  BPF_TAX,
  BPF_TXA,
  BPF_W,
  BPF_X,
} from "../wire/bpf/instruction.ts";
import { DLT } from "../wire/link-types.ts";
import { and, constant, or, statement, test, type Condition, type Statement } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { EtherType } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { IpProtocol, portsBehind } from "./ports.ts";

const GENEVE_PORT = 6081;
const UDP_HEADER_LENGTH = 8;
const GENEVE_HEADER_LENGTH = 8;
const IPV6_HEADER_LENGTH = 40;
const LARGEST_VNI = 0xff_ffff;

export function geneve(on: Compilation, vni: number | undefined): Condition {
  const ipv4 = and(
    header(on, 4, vni),
    lengthInA([...on.loadIpv4HeaderLength(), statement(BPF_MISC | BPF_TXA)]),
  );
  const ipv6Header = header(on, 6, vni);
  const variable = on.loadVariablePart(on.linkPayload);
  const ipv6 = and(
    ipv6Header,
    lengthInA([
      ...(variable ?? []),
      statement(BPF_LD | BPF_IMM, IPV6_HEADER_LENGTH),
      ...(variable === undefined ? [] : [statement(BPF_ALU | BPF_ADD | BPF_X)]),
      statement(BPF_MISC | BPF_TAX),
    ]),
  );
  const either = or(ipv4, ipv6);
  const offsets = computeOffsets(on);
  const always = constant(true);
  always.entry.statements = [...offsets, ...always.entry.statements];
  on.insideGeneve = true;
  return and(either, always);
}

function header(on: Compilation, version: 4 | 6, vni: number | undefined): Condition {
  const base = version === 4 ? "ipv4 payload" : "ipv6 payload";
  const port = portsBehind(on, version, GENEVE_PORT, IpProtocol.UDP, "dst");
  const versionZero = and(port, on.equal(base, UDP_HEADER_LENGTH, BPF_B, 0, 0xc0));
  if (vni === undefined) return versionZero;
  if (vni > LARGEST_VNI) refuse(`Geneve VNI ${vni} greater than maximum ${LARGEST_VNI}`);
  return and(versionZero, on.equal(base, UDP_HEADER_LENGTH + 4, BPF_W, vni * 0x100, 0xffff_ff00));
}

/** Statements that leave the same in A and X, as a condition that always holds. */
function lengthInA(statements: Statement[]): Condition {
  return test(BPF_JEQ | BPF_X, 0, statements);
}

/** A is the length of the IP header, plus the variable part of what is before it. */
function computeOffsets(on: Compilation): Statement[] {
  const before = on.linkPayload.constant + on.network;
  const type = on.allocateRegister();
  on.linkTypeField = { constant: 0, variable: true, register: type };
  const inner = on.allocateRegister();
  on.pushLinkHeader(DLT.EN10MB, { constant: 0, variable: true, register: inner });
  // The code has a jump of its own.
  on.optimisable = false;
  const payload = on.allocateRegister();
  on.linkPayload = { constant: 0, variable: true, register: payload };
  on.network = 0;

  const ethernetInside = statement(BPF_MISC | BPF_TXA);
  const done = statement(BPF_STX, payload);
  const isEthernet: Statement = {
    ...statement(BPF_JMP | BPF_JEQ | BPF_K, EtherType.TEB),
    jt: ethernetInside,
    jf: done,
  };
  return [
    // X: the Geneve header. Its EtherType is two bytes in.
    statement(BPF_ALU | BPF_ADD | BPF_K, before + UDP_HEADER_LENGTH),
    statement(BPF_MISC | BPF_TAX),
    statement(BPF_ALU | BPF_ADD | BPF_K, 2),
    statement(BPF_ST, type),
    // Its length: the options in units of 4 bytes, and the fixed part.
    statement(BPF_LD | BPF_IND | BPF_B, 0),
    statement(BPF_ALU | BPF_AND | BPF_K, 0x3f),
    statement(BPF_ALU | BPF_MUL | BPF_K, 4),
    statement(BPF_ALU | BPF_ADD | BPF_K, GENEVE_HEADER_LENGTH),
    statement(BPF_ALU | BPF_ADD | BPF_X),
    statement(BPF_ST, inner),
    statement(BPF_LD | BPF_IND | BPF_H, 2),
    statement(BPF_LDX | BPF_MEM, inner),
    isEthernet,
    // Ethernet: its own type field counts, and the payload is behind it.
    ethernetInside,
    statement(BPF_ALU | BPF_ADD | BPF_K, 12),
    statement(BPF_ST, type),
    statement(BPF_ALU | BPF_ADD | BPF_K, 2),
    statement(BPF_MISC | BPF_TAX),
    done,
  ];
}
