/**
 * A filter while it is being compiled: a graph of blocks, each with statements and a test that leads to one of two other
 * blocks. Conditions are pieces of that graph with loose ends, put together by `and`, `or` and `not` in short-circuit
 * form; `assemble.ts` makes instructions of the graph, `optimize/` changes it before that.
 */
import { BPF_JEQ, BPF_JMP, BPF_RET } from "../wire/bpf/instruction.ts";

/** An instruction inside a block. */
export interface Statement {
  code: number;
  /** Unsigned 32-bit. */
  k: number;
  /** Targets of a jump inside the block's statements; for code that the optimiser must not see. */
  jt?: Statement | undefined;
  jf?: Statement | undefined;
  /** Set by the optimiser: the statement is gone. */
  deleted?: boolean;
}

export function statement(code: number, k = 0): Statement {
  return { code, k: k >>> 0 };
}

/** Statements and the test or return at their end. */
export class Block {
  statements: Statement[];
  code: number;
  k: number;
  /** Where the test leads to; undefined for returns and for loose ends. */
  jt: Block | undefined = undefined;
  jf: Block | undefined = undefined;

  constructor(code: number, k: number, statements: Statement[] = []) {
    this.code = code;
    this.k = k >>> 0;
    this.statements = statements;
  }
}

type LooseEnd = { readonly from: Block; readonly side: "jt" | "jf" };

/** A piece of the graph: where it starts, and the ends that are taken when it holds and when it does not. */
export class Condition {
  readonly entry: Block;
  readonly whenTrue: readonly LooseEnd[];
  readonly whenFalse: readonly LooseEnd[];

  constructor(entry: Block, whenTrue: readonly LooseEnd[], whenFalse: readonly LooseEnd[]) {
    this.entry = entry;
    this.whenTrue = whenTrue;
    this.whenFalse = whenFalse;
  }
}

/** A single test. */
export function test(jump: number, k: number, statements: Statement[]): Condition {
  const block = new Block(BPF_JMP | jump, k, statements);
  return new Condition(block, [{ from: block, side: "jt" }], [{ from: block, side: "jf" }]);
}

export function not(condition: Condition): Condition {
  return new Condition(condition.entry, condition.whenFalse, condition.whenTrue);
}

export function and(first: Condition, second: Condition): Condition {
  join(first.whenTrue, second.entry);
  return new Condition(first.entry, second.whenTrue, [...first.whenFalse, ...second.whenFalse]);
}

export function or(first: Condition, second: Condition): Condition {
  join(first.whenFalse, second.entry);
  return new Condition(first.entry, [...first.whenTrue, ...second.whenTrue], second.whenFalse);
}

/** The whole program: what holds returns `keep` bytes of the packet, what does not returns 0. */
export function conclude(condition: Condition, keep: number): Block {
  join(condition.whenTrue, returning(keep));
  join(condition.whenFalse, returning(0));
  return condition.entry;
}

export function returning(keep: number): Block {
  return new Block(BPF_RET, keep);
}

function join(ends: readonly LooseEnd[], target: Block): void {
  for (const { from, side } of ends) from[side] = target;
}

/** libpcap's constant conditions: a load of 0 or 1 and a test for 0. */
export function constant(value: boolean): Condition {
  return test(BPF_JEQ, 0, [statement(0 /* ld #k */, value ? 0 : 1)]);
}
