/**
 * Classic BPF programs as text, in the three forms of `tcpdump -d`, `-dd` and `-ddd` (bpf_dump() of libpcap).
 */
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
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_LSH,
  BPF_MEM,
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
  BPF_X,
  BPF_XOR,
  bpfClass,
  bpfMode,
  bpfOperation,
  bpfSize,
  type BpfInstruction,
  type BpfProgram,
} from "./instruction.ts";

/** Names of the facts beside the packet, by SKF_AD_* / 4. */
const ANCILLARY_NAMES = [
  "proto",
  "type",
  "ifidx",
  "nla",
  "nlan",
  "mark",
  "queue",
  "hatype",
  "rxhash",
  "cpu",
  "xor_x",
  "vlan_tci",
  "vlanp",
  "poff",
  "random",
  "vlan_tpid",
];

const ALU_NAMES: ReadonlyMap<number, string> = new Map([
  [BPF_ADD, "add"],
  [BPF_SUB, "sub"],
  [BPF_MUL, "mul"],
  [BPF_DIV, "div"],
  [BPF_MOD, "mod"],
  [BPF_AND, "and"],
  [BPF_OR, "or"],
  [BPF_XOR, "xor"],
  [BPF_LSH, "lsh"],
  [BPF_RSH, "rsh"],
]);

const JUMP_NAMES: ReadonlyMap<number, string> = new Map([
  [BPF_JEQ, "jeq"],
  [BPF_JGT, "jgt"],
  [BPF_JGE, "jge"],
  [BPF_JSET, "jset"],
]);

/** `-d`: one line an instruction, without the line's end. */
export function describeBpf(instruction: BpfInstruction, index: number): string {
  const { code, jt, jf } = instruction;
  const [name, operand] = describe(instruction, index);
  const head = `(${String(index).padStart(3, "0")}) ${name.padEnd(8)} `;
  if (bpfClass(code) !== BPF_JMP || bpfOperation(code) === BPF_JA) return head + operand;
  return `${head}${operand.padEnd(16)} jt ${index + 1 + jt}\tjf ${index + 1 + jf}`;
}

function describe({ code, k }: BpfInstruction, index: number): readonly [name: string, operand: string] {
  const hex = `#0x${k.toString(16)}`;
  switch (bpfClass(code)) {
    case BPF_RET:
      if (code === BPF_RET) return ["ret", `#${k | 0}`];
      if (code === (BPF_RET | BPF_A)) return ["ret", ""];
      break;
    case BPF_LD: {
      const name = loadName(code);
      const mode = bpfMode(code);
      if (mode === BPF_ABS) return [name, `[${absolute(k)}]`];
      if (mode === BPF_IND) return [name, `[x + ${k | 0}]`];
      if (code === (BPF_LD | BPF_IMM)) return ["ld", hex];
      if (code === (BPF_LD | BPF_LEN)) return ["ld", "#pktlen"];
      if (code === (BPF_LD | BPF_MEM)) return ["ld", `M[${k | 0}]`];
      break;
    }
    case BPF_LDX:
      if (code === (BPF_LDX | BPF_IMM)) return ["ldx", hex];
      if (code === (BPF_LDX | BPF_MEM)) return ["ldx", `M[${k | 0}]`];
      if (code === (BPF_LDX | BPF_MSH | BPF_B)) return ["ldxb", `4*([${k | 0}]&0xf)`];
      break;
    case BPF_ST:
      if (code === BPF_ST) return ["st", `M[${k | 0}]`];
      break;
    case BPF_STX:
      if (code === BPF_STX) return ["stx", `M[${k | 0}]`];
      break;
    case BPF_JMP: {
      if (code === (BPF_JMP | BPF_JA)) return ["ja", String((index + 1 + k) | 0)];
      const name = JUMP_NAMES.get(bpfOperation(code));
      if (name !== undefined) return [name, (code & BPF_X) === 0 ? hex : "x"];
      break;
    }
    case BPF_ALU: {
      if (code === (BPF_ALU | BPF_NEG)) return ["neg", ""];
      const operation = bpfOperation(code);
      const name = ALU_NAMES.get(operation);
      if (name === undefined) break;
      if ((code & BPF_X) !== 0) return [name, "x"];
      const bitwise = operation === BPF_AND || operation === BPF_OR || operation === BPF_XOR;
      return [name, bitwise ? hex : `#${k | 0}`];
    }
    case BPF_MISC:
      if (code === (BPF_MISC | BPF_TAX)) return ["tax", ""];
      if (code === (BPF_MISC | BPF_TXA)) return ["txa", ""];
      break;
  }
  return ["unimp", `0x${code.toString(16)}`];
}

function loadName(code: number): string {
  const size = bpfSize(code);
  return size === BPF_B ? "ldb" : size === BPF_H ? "ldh" : "ld";
}

function absolute(k: number): string | number {
  return (k >= BPF_ANCILLARY ? ANCILLARY_NAMES[(k - BPF_ANCILLARY) / 4] : undefined) ?? k | 0;
}

/** What `tcpdump -d` prints, given how often the option stands there. */
export function listBpf(program: BpfProgram, form: "text" | "c" | "decimal"): string {
  switch (form) {
    case "text":
      return program.map((instruction, index) => `${describeBpf(instruction, index)}\n`).join("");
    case "c":
      return program
        .map(
          ({ code, jt, jf, k }) =>
            `{ 0x${code.toString(16)}, ${jt}, ${jf}, 0x${k.toString(16).padStart(8, "0")} },\n`,
        )
        .join("");
    case "decimal":
      return `${program.length}\n${program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k}\n`).join("")}`;
  }
}
