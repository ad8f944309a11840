/** Which registers an instruction reads and writes. A register is a word of scratch memory, the accumulator or the index. */
import {
  BPF_A,
  BPF_ALU,
  BPF_IND,
  BPF_JMP,
  BPF_LD,
  BPF_LDX,
  BPF_MEM,
  BPF_MEMORY_WORDS,
  BPF_MISC,
  BPF_RET,
  BPF_ST,
  BPF_STX,
  BPF_TXA,
  BPF_X,
  bpfClass,
  bpfMode,
  bpfReturn,
  bpfSource,
} from "../../wire/bpf/instruction.ts";
import type { Statement } from "../block.ts";

const ACCUMULATOR = BPF_MEMORY_WORDS;
const INDEX = BPF_MEMORY_WORDS + 1;
const A_BIT = 1 << ACCUMULATOR;
const X_BIT = 1 << INDEX;

/** Bit set of the registers that are read. */
export function usedBy({ code, k, deleted }: Pick<Statement, "code" | "k" | "deleted">): number {
  if (deleted === true) return 0;
  switch (bpfClass(code)) {
    case BPF_RET:
      return bpfReturn(code) === BPF_A ? A_BIT : bpfReturn(code) === BPF_X ? X_BIT : 0;
    case BPF_LD:
    case BPF_LDX:
      return bpfMode(code) === BPF_IND ? X_BIT : bpfMode(code) === BPF_MEM ? 1 << k : 0;
    case BPF_ST:
      return A_BIT;
    case BPF_STX:
      return X_BIT;
    case BPF_JMP:
    case BPF_ALU:
      return bpfSource(code) === BPF_X ? A_BIT | X_BIT : A_BIT;
    case BPF_MISC:
      return (code & 0xf8) === BPF_TXA ? X_BIT : A_BIT;
    default:
      return 0;
  }
}

/** Number of the register that is written; -1 for none. */
export function definedBy({ code, k, deleted }: Pick<Statement, "code" | "k" | "deleted">): number {
  if (deleted === true) return -1;
  switch (bpfClass(code)) {
    case BPF_LD:
    case BPF_ALU:
      return ACCUMULATOR;
    case BPF_LDX:
      return INDEX;
    case BPF_ST:
    case BPF_STX:
      return k;
    case BPF_MISC:
      return (code & 0xf8) === BPF_TXA ? ACCUMULATOR : INDEX;
    default:
      return -1;
  }
}
