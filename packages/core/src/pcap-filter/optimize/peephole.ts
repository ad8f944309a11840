/** Neighbouring statements, and the last statement and the test, that can be said in a simpler way. */
import {
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_IMM,
  BPF_IND,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_MEM,
  BPF_MISC,
  BPF_MSH,
  BPF_ST,
  BPF_SUB,
  BPF_TAX,
  BPF_TXA,
  BPF_X,
  bpfClass,
  bpfMode,
  bpfOperation,
  bpfSource,
} from "../../wire/bpf/instruction.ts";
import type { Statement } from "../block.ts";
import { A, X, type Node } from "./flow-graph.ts";
import type { ValueNumbers } from "./value-numbers.ts";

const ALL_ONES = 0xffff_ffff;

export function simplifyNode(node: Node, numbers: ValueNumbers): void {
  const { block } = node;
  if (block.statements.length === 0) return;
  const last = simplifyStatements(node, numbers);
  if (block.code === (BPF_JMP | BPF_JEQ | BPF_K) && (node.usedAfter & (1 << A)) === 0) {
    mergeIntoTest(node, last, numbers);
  }
  if (block.code === (BPF_JMP | BPF_JSET | BPF_K)) {
    if (block.k === 0) node.onTrue.to = node.jf;
    if (block.k === ALL_ONES) node.onFalse.to = node.jt;
  }
  const index = numbers.constant(node.values[X] as number);
  if (index !== undefined && bpfSource(block.code) === BPF_X) {
    block.code &= ~BPF_X;
    block.k = index;
  }
  const accumulator = numbers.constant(node.values[A] as number);
  if (accumulator !== undefined && bpfSource(block.code) === BPF_K) {
    if (node.jt !== node.jf) numbers.changed = true;
    if (holds(bpfOperation(block.code), accumulator, block.k)) node.onFalse.to = node.jt;
    else node.onTrue.to = node.jf;
  }
}

function holds(jump: number, a: number, k: number): boolean {
  switch (jump) {
    case BPF_JEQ:
      return a === k;
    case BPF_JGT:
      return a > k;
    case BPF_JGE:
      return a >= k;
    default:
      return (a & k) !== 0;
  }
}

/** Returns the last statement that is left. */
function simplifyStatements(node: Node, numbers: ValueNumbers): Statement | undefined {
  const { statements } = node.block;
  const liveFrom = (index: number): number => {
    let at = index;
    while (statements[at]?.deleted === true) at++;
    return at;
  };
  let last = statements[0];
  for (let at = liveFrom(0); ;) {
    const one = statements[at];
    const nextAt = liveFrom(at + 1);
    const next = statements[nextAt];
    if (one === undefined || next === undefined) break;
    last = next;
    // A value that was just stored is still in the accumulator.
    if (one.code === BPF_ST && next.code === (BPF_LDX | BPF_MEM) && one.k === next.k) {
      next.code = BPF_MISC | BPF_TAX;
      numbers.changed = true;
    }
    if (one.code === (BPF_LD | BPF_IMM) && next.code === (BPF_MISC | BPF_TAX)) {
      one.code = BPF_LDX | BPF_IMM;
      next.code = BPF_MISC | BPF_TXA;
      numbers.changed = true;
    }
    if (one.code === (BPF_LD | BPF_IMM) && (node.usedAfter & (1 << X)) === 0) {
      addToIndexedLoad(one, statements, nextAt, liveFrom, numbers);
    }
    at = nextAt;
  }
  return last;
}

/** `tcp[2]`: a constant that is added to X for a load can stand in the load. */
function addToIndexedLoad(
  constant: Statement,
  statements: readonly Statement[],
  nextAt: number,
  liveFrom: (index: number) => number,
  numbers: ValueNumbers,
): void {
  const addAt = statements[nextAt]?.code === (BPF_LDX | BPF_MSH | BPF_B) ? liveFrom(nextAt + 1) : nextAt;
  const add = statements[addAt];
  if (add === undefined || add.code !== (BPF_ALU | BPF_ADD | BPF_X)) return;
  const taxAt = liveFrom(addAt + 1);
  const tax = statements[taxAt];
  if (tax === undefined || tax.code !== (BPF_MISC | BPF_TAX)) return;
  const load = statements[liveFrom(taxAt + 1)];
  if (load === undefined || bpfClass(load.code) !== BPF_LD || bpfMode(load.code) !== BPF_IND) return;
  load.k = (load.k + constant.k) >>> 0;
  constant.deleted = add.deleted = tax.deleted = true;
  numbers.changed = true;
}

/** A subtraction or mask before a test for equality, when nobody else needs its result. */
function mergeIntoTest(node: Node, last: Statement | undefined, numbers: ValueNumbers): void {
  const { block } = node;
  if (last === undefined) return;
  if (last.code === (BPF_ALU | BPF_SUB | BPF_X)) {
    const index = numbers.constant(node.values[X] as number);
    if (index !== undefined) block.k = (block.k + index) >>> 0;
    else if (block.k === 0) block.code = BPF_JMP | BPF_JEQ | BPF_X;
    else return;
  } else if (last.code === (BPF_ALU | BPF_SUB | BPF_K)) block.k = (block.k + last.k) >>> 0;
  else if (last.code === (BPF_ALU | BPF_AND | BPF_K) && block.k === 0) {
    block.k = last.k;
    block.code = BPF_JMP | BPF_JSET | BPF_K;
    const { jt } = node;
    node.onTrue.to = node.jf;
    node.onFalse.to = jt;
  } else return;
  last.deleted = true;
  numbers.changed = true;
}
