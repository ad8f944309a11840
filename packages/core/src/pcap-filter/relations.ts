/** Comparisons: the jump that tests one, and whether it tests the opposite. */
import { BPF_JEQ, BPF_JGE, BPF_JGT } from "../wire/bpf/instruction.ts";

export const RELATIONS: ReadonlyMap<string, readonly [jump: number, reverse: boolean]> = new Map([
  [">", [BPF_JGT, false]],
  [">=", [BPF_JGE, false]],
  ["=", [BPF_JEQ, false]],
  ["<=", [BPF_JGT, true]],
  ["<", [BPF_JGE, true]],
  ["!=", [BPF_JEQ, true]],
]);
