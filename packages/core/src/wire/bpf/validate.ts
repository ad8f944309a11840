/**
 * Which classic BPF programs may be run (bpf_check_classic() of Linux; bpf_validate() of libpcap): known codes, memory
 * words that exist, no division by a constant zero, jumps that stay inside, and a return at the end.
 */
import {
  BPF_A,
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
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
  BPF_MAX_INSTRUCTIONS,
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
  bpfClass,
  bpfSource,
  type BpfProgram,
} from "./instruction.ts";

const operations = [BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH];
const conditions = [BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET];

const KNOWN: ReadonlySet<number> = new Set([
  ...operations.flatMap((operation) => [BPF_ALU | operation | BPF_K, BPF_ALU | operation | BPF_X]),
  ...conditions.flatMap((condition) => [BPF_JMP | condition | BPF_K, BPF_JMP | condition | BPF_X]),
  ...[BPF_W, BPF_H, BPF_B].flatMap((size) => [BPF_LD | BPF_ABS | size, BPF_LD | BPF_IND | size]),
  BPF_ALU | BPF_NEG,
  BPF_JMP | BPF_JA,
  BPF_LD | BPF_IMM,
  BPF_LD | BPF_LEN,
  BPF_LD | BPF_MEM,
  BPF_LDX | BPF_IMM,
  BPF_LDX | BPF_LEN,
  BPF_LDX | BPF_MEM,
  BPF_LDX | BPF_MSH | BPF_B,
  BPF_ST,
  BPF_STX,
  BPF_RET | BPF_K,
  BPF_RET | BPF_A,
  BPF_MISC | BPF_TAX,
  BPF_MISC | BPF_TXA,
]);

const usesMemory: ReadonlySet<number> = new Set([BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM, BPF_ST, BPF_STX]);

/**
 * @param by `kernel`: as SO_ATTACH_FILTER checks, without backward jumps and with at most 4096 instructions; `libpcap`:
 *   as libpcap checks before it runs a program itself
 */
export function isValidBpf(program: BpfProgram, by: "kernel" | "libpcap" = "kernel"): boolean {
  const { length } = program;
  if (length === 0 || (by === "kernel" && length > BPF_MAX_INSTRUCTIONS)) return false;
  for (const [pc, { code, jt, jf, k }] of program.entries()) {
    if (!KNOWN.has(code)) return false;
    const operation = code & 0xf0;
    if (usesMemory.has(code) && k >= BPF_MEMORY_WORDS) return false;
    if (bpfClass(code) === BPF_ALU && bpfSource(code) === BPF_K) {
      if ((operation === BPF_DIV || operation === BPF_MOD) && k === 0) return false;
      if ((operation === BPF_LSH || operation === BPF_RSH) && k >= 32 && by === "kernel") return false;
    }
    if (code === (BPF_JMP | BPF_JA)) {
      const target = by === "kernel" ? pc + 1 + k : pc + 1 + (k | 0);
      if (target < 0 || target >= length) return false;
    } else if (bpfClass(code) === BPF_JMP && (pc + 1 + jt >= length || pc + 1 + jf >= length)) return false;
  }
  const last = program[length - 1];
  return last !== undefined && bpfClass(last.code) === BPF_RET;
}
