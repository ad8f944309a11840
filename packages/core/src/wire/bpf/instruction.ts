/**
 * Instructions of classic BPF (McCanne and Jacobson 1993; linux/filter.h): the code that packet filters are compiled to
 * and that SO_ATTACH_FILTER takes. Numbers only; `machine.ts` runs them and `listing.ts` prints them.
 */

/** One instruction, struct sock_filter. Jumps are relative to the next instruction. */
export interface BpfInstruction {
  readonly code: number;
  /** Jump if true, and if false: 0..255. */
  readonly jt: number;
  readonly jf: number;
  /** Unsigned 32-bit. */
  readonly k: number;
}

export type BpfProgram = readonly BpfInstruction[];

/** Bits 0..2 of the code. */
export const BPF_LD = 0x00;
export const BPF_LDX = 0x01;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_ALU = 0x04;
export const BPF_JMP = 0x05;
export const BPF_RET = 0x06;
export const BPF_MISC = 0x07;

/** Size of a load. */
export const BPF_W = 0x00;
export const BPF_H = 0x08;
export const BPF_B = 0x10;

/** Mode of a load. */
export const BPF_IMM = 0x00;
export const BPF_ABS = 0x20;
export const BPF_IND = 0x40;
export const BPF_MEM = 0x60;
export const BPF_LEN = 0x80;
/** Four times the low half of a byte: the length of an IPv4 header. */
export const BPF_MSH = 0xa0;

/** Operations of BPF_ALU. */
export const BPF_ADD = 0x00;
export const BPF_SUB = 0x10;
export const BPF_MUL = 0x20;
export const BPF_DIV = 0x30;
export const BPF_OR = 0x40;
export const BPF_AND = 0x50;
export const BPF_LSH = 0x60;
export const BPF_RSH = 0x70;
export const BPF_NEG = 0x80;
export const BPF_MOD = 0x90;
export const BPF_XOR = 0xa0;

/** Conditions of BPF_JMP. */
export const BPF_JA = 0x00;
export const BPF_JEQ = 0x10;
export const BPF_JGT = 0x20;
export const BPF_JGE = 0x30;
export const BPF_JSET = 0x40;

/** Second operand: the constant k or the index register. */
export const BPF_K = 0x00;
export const BPF_X = 0x08;
/** Return value: the accumulator. */
export const BPF_A = 0x10;

/** Operations of BPF_MISC. */
export const BPF_TAX = 0x00;
export const BPF_TXA = 0x80;

/** Words of scratch memory. */
export const BPF_MEMORY_WORDS = 16;

/** Most instructions that Linux takes (BPF_MAXINSNS). */
export const BPF_MAX_INSTRUCTIONS = 4096;

export const bpfClass = (code: number): number => code & 0x07;
export const bpfSize = (code: number): number => code & 0x18;
export const bpfMode = (code: number): number => code & 0xe0;
export const bpfOperation = (code: number): number => code & 0xf0;
export const bpfSource = (code: number): number => code & 0x08;
export const bpfReturn = (code: number): number => code & 0x18;

/**
 * Offsets of absolute loads that mean facts beside the packet (SKF_AD_OFF + SKF_AD_*, linux/filter.h), as unsigned
 * numbers.
 */
export const BPF_ANCILLARY = 0xffff_f000;
export const BpfAncillary = {
  PROTOCOL: 0,
  PACKET_TYPE: 4,
  IFINDEX: 8,
  MARK: 20,
  QUEUE: 24,
  HARDWARE_TYPE: 28,
  VLAN_TAG: 44,
  VLAN_TAG_PRESENT: 48,
  VLAN_TPID: 60,
} as const;
