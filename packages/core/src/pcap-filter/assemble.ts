/**
 * Lays the blocks of a graph out as instructions. A block stands before the blocks that it leads to, the "true" side
 * nearer than the "false" side; a jump over more than 255 instructions goes by way of an unconditional one.
 */
import { BPF_JA, BPF_JMP, bpfClass, type BpfInstruction, type BpfProgram } from "../wire/bpf/instruction.ts";
import type { Block, Statement } from "./block.ts";
import { depthFirst } from "./depth-first.ts";

const LONGEST_JUMP = 255;

/** How many unconditional jumps a block needs after its test. */
interface LongJumps {
  onTrue: boolean;
  onFalse: boolean;
}

export function assemble(root: Block): BpfProgram {
  // Blocks in reverse order of their place in the program.
  const { finished } = depthFirst(root, "jf");
  const long = new Map<Block, LongJumps>(finished.map((block) => [block, { onTrue: false, onFalse: false }]));
  for (;;) {
    const starts = new Map<Block, number>();
    let end = 0;
    for (const block of finished) {
      end += lengthOf(block, long.get(block) as LongJumps);
      starts.set(block, end);
    }
    // Counted from the end so far.
    for (const [block, fromEnd] of starts) starts.set(block, end - fromEnd);
    if (widenJumps(finished, starts, long)) continue;
    const program: BpfInstruction[] = [];
    for (const block of finished.toReversed()) emit(block, starts, long.get(block) as LongJumps, program);
    return program;
  }
}

const live = (block: Block): Statement[] => block.statements.filter((one) => one.deleted !== true);

function lengthOf(block: Block, long: LongJumps): number {
  return live(block).length + 1 + Number(long.onTrue) + Number(long.onFalse);
}

/** Distances from a block's test to its targets, in instructions to skip. */
function distances(
  block: Block,
  starts: ReadonlyMap<Block, number>,
): readonly [onTrue: number, onFalse: number] {
  const after = (starts.get(block) as number) + live(block).length + 1;
  return [
    (starts.get(block.jt as Block) as number) - after,
    (starts.get(block.jf as Block) as number) - after,
  ];
}

/** Marks jumps that have become too long; true if there is one that was not marked before. */
function widenJumps(
  blocks: readonly Block[],
  starts: ReadonlyMap<Block, number>,
  long: ReadonlyMap<Block, LongJumps>,
): boolean {
  for (const block of blocks) {
    if (block.jt === undefined) continue;
    const jumps = long.get(block) as LongJumps;
    const [onTrue, onFalse] = distances(block, starts);
    if (onTrue > LONGEST_JUMP && !jumps.onTrue) {
      jumps.onTrue = true;
      return true;
    }
    if (onFalse > LONGEST_JUMP && !jumps.onFalse) {
      jumps.onFalse = true;
      return true;
    }
  }
  return false;
}

function emit(
  block: Block,
  starts: ReadonlyMap<Block, number>,
  long: LongJumps,
  program: BpfInstruction[],
): void {
  const statements = live(block);
  for (const [index, one] of statements.entries()) {
    const { code, k } = one;
    if (bpfClass(code) === BPF_JMP && code !== (BPF_JMP | BPF_JA)) {
      program.push({ code, jt: within(statements, index, one.jt), jf: within(statements, index, one.jf), k });
    } else program.push({ code, jt: 0, jf: 0, k });
  }
  const { code, k } = block;
  if (block.jt === undefined) {
    program.push({ code, jt: 0, jf: 0, k });
    return;
  }
  const [onTrue, onFalse] = distances(block, starts);
  const extra: BpfInstruction[] = [];
  const way = (distance: number, isLong: boolean): number => {
    if (!isLong) return distance;
    extra.push({ code: BPF_JMP | BPF_JA, jt: 0, jf: 0, k: distance - extra.length - 1 });
    return extra.length - 1;
  };
  const jt = way(onTrue, long.onTrue);
  const jf = way(onFalse, long.onFalse);
  program.push({ code, jt, jf, k }, ...extra);
}

/** Jumps inside a block; a target that is no statement is the test after the last one. */
function within(statements: readonly Statement[], from: number, target: Statement | undefined): number {
  const at = target === undefined ? -1 : statements.indexOf(target);
  return (at < 0 ? statements.length : at) - from - 1;
}
