import { describe, expect, test } from "vitest";
import {
  BPF_A,
  BPF_ABS,
  BPF_ALU,
  BPF_ANCILLARY,
  BPF_B,
  BPF_DIV,
  BPF_H,
  BPF_IMM,
  BPF_IND,
  BPF_JA,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_LSH,
  BPF_MEM,
  BPF_MSH,
  BPF_RET,
  BPF_ST,
  BPF_W,
  BPF_X,
  BpfAncillary,
  type BpfInstruction,
  type BpfProgram,
} from "./instruction.ts";
import { describeBpf, listBpf } from "./listing.ts";
import { runBpf } from "./machine.ts";
import { isValidBpf } from "./validate.ts";

const one = (code: number, k = 0, jt = 0, jf = 0): BpfInstruction => ({ code, k, jt, jf });
const RETURN_A = one(BPF_RET | BPF_A);
const run = (...program: readonly BpfInstruction[]): number =>
  runBpf(program, Uint8Array.from([0xff, 0x45, 0x12, 0x34, 0x56, 0x78, 0xff]), 1, 6);

describe("the machine", () => {
  test.each<[string, number, BpfInstruction[]]>([
    ["a word", 0x4512_3456, [one(BPF_LD | BPF_ABS | BPF_W, 0)]],
    ["a half word", 0x1234, [one(BPF_LD | BPF_ABS | BPF_H, 1)]],
    ["a byte", 0x78, [one(BPF_LD | BPF_ABS | BPF_B, 4)]],
    ["a byte behind the end", 0, [one(BPF_LD | BPF_ABS | BPF_B, 5)]],
    ["a word that ends behind the end", 0, [one(BPF_LD | BPF_ABS | BPF_W, 2)]],
    [
      "a load relative to a header's length",
      0,
      [one(BPF_LDX | BPF_MSH | BPF_B, 0), one(BPF_LD | BPF_IND | BPF_B, 0)],
    ],
    [
      "an index that wraps around",
      0x45,
      [one(BPF_LDX | BPF_IMM, 2), one(BPF_LD | BPF_IND | BPF_B, 0xffff_fffe)],
    ],
    ["the length", 5, [one(BPF_LD | BPF_LEN)]],
    ["a shift by too much", 0, [one(BPF_LD | BPF_IMM, 1), one(BPF_ALU | BPF_LSH | BPF_K, 40)]],
    ["a division by an index of zero", 0, [one(BPF_LD | BPF_IMM, 8), one(BPF_ALU | BPF_DIV | BPF_X)]],
    [
      "memory",
      9,
      [one(BPF_LD | BPF_IMM, 9), one(BPF_ST, 3), one(BPF_LD | BPF_IMM, 1), one(BPF_LD | BPF_MEM, 3)],
    ],
  ])("%s", (_name, result, program) => {
    expect(run(...program, RETURN_A)).toBe(result);
  });

  test("what is beside the packet", () => {
    const load = one(BPF_LD | BPF_ABS | BPF_W, BPF_ANCILLARY + BpfAncillary.IFINDEX);
    expect(runBpf([load, RETURN_A], new Uint8Array(4), 0, 4, 4, { ifindex: 7 })).toBe(7);
    expect(run(load, RETURN_A)).toBe(0);
  });

  test("a program without an end rejects", () => {
    expect(run(one(BPF_JMP | BPF_JA, 0xffff_ffff))).toBe(0);
    expect(run(one(BPF_LD | BPF_IMM, 1))).toBe(0);
  });
});

describe("validation", () => {
  const refused: readonly [string, BpfProgram][] = [
    ["nothing", []],
    ["no return", [one(BPF_LD | BPF_IMM)]],
    ["an unknown code", [one(0xff), RETURN_A]],
    ["memory that is not there", [one(BPF_ST, 16), RETURN_A]],
    ["a division by zero", [one(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN_A]],
    ["a jump out of the program", [one(BPF_JMP | BPF_JEQ, 0, 1, 0), RETURN_A]],
    ["a jump back", [one(BPF_JMP | BPF_JA, 0xffff_ffff), RETURN_A]],
  ];
  test.each(refused)("refuses %s", (_name, program) => {
    expect(isValidBpf(program)).toBe(false);
  });

  test("libpcap runs backward jumps itself", () => {
    expect(isValidBpf([one(BPF_JMP | BPF_JA, 0xffff_ffff), RETURN_A], "libpcap")).toBe(true);
  });
});

test("listings as the real tcpdump prints them for `ip and tcp[0]=1`", () => {
  const program = [
    one(0x28, 0xc),
    one(0x15, 0x800, 0, 8),
    one(0x30, 0x17),
    one(0x15, 0x6, 0, 6),
    one(0x28, 0x14),
    one(0x45, 0x1fff, 4, 0),
    one(0xb1, 0xe),
    one(0x50, 0xe),
    one(0x15, 0x1, 0, 1),
    one(0x6, 0x40000),
    one(0x6, 0),
  ];
  expect(listBpf(program, "text")).toContain("(001) jeq      #0x800           jt 2\tjf 10\n");
  expect(listBpf(program, "text")).toContain("(006) ldxb     4*([14]&0xf)\n");
  expect(listBpf(program, "c")).toContain("{ 0x45, 4, 0, 0x00001fff },\n");
  expect(listBpf(program, "decimal")).toMatch(/^11\n40 0 0 12\n21 0 8 2048\n/);
  expect(describeBpf(one(0x28, BPF_ANCILLARY + BpfAncillary.PACKET_TYPE), 7)).toBe("(007) ldh      [type]");
});
