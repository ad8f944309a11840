/**
 * Runs classic BPF programs as Linux and libpcap do. A program that was validated cannot fail: a load outside the
 * packet or a division by zero rejects it. Neighbours: `validate.ts` says which programs may be run.
 *
 * Backward jumps exist in programs of `protochain` only. libpcap runs those itself, without a limit; here a limit on
 * steps ends a packet whose headers go in a circle.
 */
import { readU16BE, readU32BE } from "../bytes.ts";
import {
  BPF_A,
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_ANCILLARY,
  BPF_AND,
  BPF_B,
  BPF_DIV,
  BPF_H,
  BPF_IMM,
  BPF_IND,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_LSH,
  BPF_MEM,
  BPF_MEMORY_WORDS,
  BPF_MISC,
  BPF_MOD,
  BPF_MSH,
  BPF_MUL,
  BPF_NEG,
  BPF_OR,
  BPF_RET,
  BPF_RSH,
  BPF_ST,
  BPF_STX,
  BPF_SUB,
  BPF_TAX,
  BPF_TXA,
  BPF_W,
  BPF_X,
  BPF_XOR,
  BpfAncillary,
  type BpfProgram,
} from "./instruction.ts";

/** What is known about a packet beside its bytes; what is absent loads as 0. */
export interface BpfAncillaryData {
  readonly protocol?: number;
  readonly packetType?: number;
  readonly ifindex?: number;
  readonly hardwareType?: number;
  readonly mark?: number;
  /** Tag control information kept beside the frame; undefined when there is no tag. */
  readonly vlanTci?: number | undefined;
  readonly vlanTpid?: number | undefined;
}

const NOTHING: BpfAncillaryData = {};
const STEP_LIMIT = 100_000;
const memory = new Uint32Array(BPF_MEMORY_WORDS);

/**
 * @param program validated
 * @param start first byte of the packet in `bytes`
 * @param end one past the last byte that was captured
 * @param wireLength bytes of the packet on the wire
 * @returns bytes to keep; 0 rejects the packet
 */
export function runBpf(
  program: BpfProgram,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength = end - start,
  beside: BpfAncillaryData = NOTHING,
): number {
  const length = end - start;
  let a = 0;
  let x = 0;
  memory.fill(0);
  let steps = 0;
  for (let pc = 0; ; pc++) {
    const instruction = program[pc];
    if (instruction === undefined || ++steps > STEP_LIMIT) return 0;
    const { code, k } = instruction;
    switch (code) {
      case BPF_RET | BPF_K:
        return k;
      case BPF_RET | BPF_A:
        return a;
      case BPF_RET | BPF_X:
        return x;

      case BPF_LD | BPF_ABS | BPF_W:
        if (k + 4 <= length) a = readU32BE(bytes, start + k);
        else if (k >= BPF_ANCILLARY) a = ancillary(k, beside);
        else return 0;
        break;
      case BPF_LD | BPF_ABS | BPF_H:
        if (k + 2 <= length) a = readU16BE(bytes, start + k);
        else if (k >= BPF_ANCILLARY) a = ancillary(k, beside);
        else return 0;
        break;
      case BPF_LD | BPF_ABS | BPF_B:
        if (k < length) a = bytes[start + k] as number;
        else if (k >= BPF_ANCILLARY) a = ancillary(k, beside);
        else return 0;
        break;
      case BPF_LD | BPF_IND | BPF_W: {
        const at = (x + k) >>> 0;
        if (at + 4 > length) return 0;
        a = readU32BE(bytes, start + at);
        break;
      }
      case BPF_LD | BPF_IND | BPF_H: {
        const at = (x + k) >>> 0;
        if (at + 2 > length) return 0;
        a = readU16BE(bytes, start + at);
        break;
      }
      case BPF_LD | BPF_IND | BPF_B: {
        const at = (x + k) >>> 0;
        if (at >= length) return 0;
        a = bytes[start + at] as number;
        break;
      }
      case BPF_LDX | BPF_MSH | BPF_B:
        if (k >= length) return 0;
        x = ((bytes[start + k] as number) & 0x0f) << 2;
        break;
      case BPF_LD | BPF_IMM:
        a = k;
        break;
      case BPF_LDX | BPF_IMM:
        x = k;
        break;
      case BPF_LD | BPF_LEN:
        a = wireLength;
        break;
      case BPF_LDX | BPF_LEN:
        x = wireLength;
        break;
      case BPF_LD | BPF_MEM:
        a = memory[k] as number;
        break;
      case BPF_LDX | BPF_MEM:
        x = memory[k] as number;
        break;
      case BPF_ST:
        memory[k] = a;
        break;
      case BPF_STX:
        memory[k] = x;
        break;

      case BPF_JMP | BPF_JA:
        pc += k | 0;
        break;
      case BPF_JMP | BPF_JEQ:
        pc += a === k ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JGT:
        pc += a > k ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JGE:
        pc += a >= k ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JSET:
        pc += (a & k) !== 0 ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JEQ | BPF_X:
        pc += a === x ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_X:
        pc += a > x ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_X:
        pc += a >= x ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_X:
        pc += (a & x) !== 0 ? instruction.jt : instruction.jf;
        break;

      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_MISC | BPF_TXA:
        a = x;
        break;
      case BPF_ALU | BPF_NEG:
        a = -a >>> 0;
        break;

      default: {
        if ((code & 0x07) !== BPF_ALU) return 0;
        const result = calculateBpf(code & 0xf0, a, (code & BPF_X) === 0 ? k : x);
        if (result === undefined) return 0;
        a = result;
      }
    }
  }
}

/** An operation of BPF_ALU on unsigned 32-bit numbers; undefined for a division by zero or an unknown operation. */
export function calculateBpf(operation: number, a: number, b: number): number | undefined {
  switch (operation) {
    case BPF_ADD:
      return (a + b) >>> 0;
    case BPF_SUB:
      return (a - b) >>> 0;
    case BPF_MUL:
      return Math.imul(a, b) >>> 0;
    case BPF_DIV:
      return b === 0 ? undefined : Math.floor(a / b);
    case BPF_MOD:
      return b === 0 ? undefined : a % b;
    case BPF_AND:
      return (a & b) >>> 0;
    case BPF_OR:
      return (a | b) >>> 0;
    case BPF_XOR:
      return (a ^ b) >>> 0;
    case BPF_LSH:
      return b < 32 ? (a << b) >>> 0 : 0;
    case BPF_RSH:
      return b < 32 ? a >>> b : 0;
    default:
      return undefined;
  }
}

function ancillary(k: number, beside: BpfAncillaryData): number {
  switch (k - BPF_ANCILLARY) {
    case BpfAncillary.PROTOCOL:
      return beside.protocol ?? 0;
    case BpfAncillary.PACKET_TYPE:
      return beside.packetType ?? 0;
    case BpfAncillary.IFINDEX:
      return beside.ifindex ?? 0;
    case BpfAncillary.MARK:
      return beside.mark ?? 0;
    case BpfAncillary.HARDWARE_TYPE:
      return beside.hardwareType ?? 0;
    case BpfAncillary.VLAN_TAG:
      return beside.vlanTci ?? 0;
    case BpfAncillary.VLAN_TAG_PRESENT:
      return beside.vlanTci === undefined ? 0 : 1;
    case BpfAncillary.VLAN_TPID:
      return beside.vlanTpid ?? 0;
    default:
      return 0;
  }
}
