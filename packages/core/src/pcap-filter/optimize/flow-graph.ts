/**
 * The blocks of a filter as the optimiser sees them: edges in both directions, levels (the longest way to a return),
 * dominators, and which registers are read before they are written. After McCanne and Jacobson, "The BSD Packet Filter"
 * (1993), and the optimiser of libpcap: a filter has no loops, so that each of these takes one pass over the levels.
 */
import { BPF_MEMORY_WORDS } from "../../wire/bpf/instruction.ts";
import type { Block } from "../block.ts";
import { depthFirst } from "../depth-first.ts";
import { BitSet } from "./bit-set.ts";
import { definedBy, usedBy } from "./registers.ts";

/** The accumulator and the index register, numbered after the words of scratch memory. */
export const A = BPF_MEMORY_WORDS;
export const X = BPF_MEMORY_WORDS + 1;
export const REGISTERS = BPF_MEMORY_WORDS + 2;

export interface Edge {
  readonly from: Node;
  /** Undefined for returns. */
  to: Node | undefined;
  readonly sense: boolean;
  readonly id: number;
  /** Edges that every way over this one takes before. */
  readonly dominators: BitSet;
}

export class Node {
  readonly block: Block;
  readonly id: number;
  readonly onTrue: Edge;
  readonly onFalse: Edge;
  level = 0;
  /** Edges that lead here, the last found first. */
  incoming: Edge[] = [];
  readonly dominators: BitSet;
  /** Value numbers of the registers behind the statements; 0 is unknown. */
  readonly values = new Int32Array(REGISTERS);
  /** Value number of the second operand of the test. */
  operand = 0;
  /** Bit sets of registers: read before written, written before read, and read after this block. */
  usedInside = 0;
  killed = 0;
  usedAfter = 0;

  constructor(block: Block, id: number, nodes: number) {
    this.block = block;
    this.id = id;
    this.dominators = new BitSet(nodes);
    const edge = (sense: boolean): Edge => ({
      from: this,
      to: undefined,
      sense,
      id: sense ? id : nodes + id,
      dominators: new BitSet(2 * nodes),
    });
    this.onTrue = edge(true);
    this.onFalse = edge(false);
  }

  get jt(): Node | undefined {
    return this.onTrue.to;
  }
  get jf(): Node | undefined {
    return this.onFalse.to;
  }
}

export class FlowGraph {
  root: Node;
  /** By id; those that nothing leads to any more stay here. */
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** Nodes that can be reached, by level. */
  levels: Node[][] = [];

  constructor(root: Block) {
    const blocks = depthFirst(root, "jt").reached;
    const byBlock = new Map<Block, Node>();
    this.nodes = blocks.map((block, id) => {
      const node = new Node(block, id, blocks.length);
      byBlock.set(block, node);
      return node;
    });
    for (const node of this.nodes) {
      const { jt, jf } = node.block;
      node.onTrue.to = jt === undefined ? undefined : byBlock.get(jt);
      node.onFalse.to = jf === undefined ? undefined : byBlock.get(jf);
    }
    this.edges = [...this.nodes.map(({ onTrue }) => onTrue), ...this.nodes.map(({ onFalse }) => onFalse)];
    this.root = this.nodes[0] as Node;
  }

  /** Nodes that can be reached, in the order in which a depth-first walk is done with them. */
  #finished(): Node[] {
    const seen = new Set<Node>([this.root]);
    const finished: Node[] = [];
    const stack: { readonly node: Node; next: number }[] = [{ node: this.root, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const step = top.next++;
      if (step > 1) {
        finished.push(top.node);
        stack.pop();
        continue;
      }
      const successor = step === 0 ? top.node.jt : top.node.jf;
      if (successor === undefined || seen.has(successor)) continue;
      seen.add(successor);
      stack.push({ node: successor, next: 0 });
    }
    return finished;
  }

  /** Brings everything up to date after edges have moved. */
  analyse(): void {
    this.levels = [];
    for (const node of this.#finished()) {
      node.level =
        node.jt === undefined || node.jf === undefined ? 0 : Math.max(node.jt.level, node.jf.level) + 1;
      (this.levels[node.level] ??= []).unshift(node);
    }
    this.findDominators();
    this.#findUses();
    this.#findEdgeDominators();
  }

  /** Nodes from the root down to the returns. */
  *downward(): Iterable<Node> {
    for (let level = this.root.level; level >= 0; level--) yield* this.levels[level] ?? [];
  }

  /** Nodes with a test, from those next to the returns up to the root. */
  *upward(): Iterable<Node> {
    for (let level = 1; level <= this.root.level; level++) yield* this.levels[level] ?? [];
  }

  findDominators(): void {
    for (const node of this.nodes) node.dominators.fill();
    this.root.dominators.clear();
    for (const node of this.downward()) {
      node.dominators.add(node.id);
      node.jt?.dominators.intersect(node.dominators);
      node.jf?.dominators.intersect(node.dominators);
    }
  }

  #findEdgeDominators(): void {
    for (const edge of this.edges) edge.dominators.fill();
    this.root.onTrue.dominators.clear();
    this.root.onFalse.dominators.clear();
    for (const node of this.downward()) {
      for (const edge of [node.onTrue, node.onFalse]) {
        edge.dominators.add(edge.id);
        edge.to?.onTrue.dominators.intersect(edge.dominators);
        edge.to?.onFalse.dominators.intersect(edge.dominators);
      }
    }
  }

  #findUses(): void {
    for (const node of this.downward()) findLocalUses(node);
    for (const node of this.upward()) {
      node.usedAfter = (node.jt?.usedInside ?? 0) | (node.jf?.usedInside ?? 0);
      node.usedInside |= node.usedAfter & ~node.killed;
    }
  }

  findIncoming(): void {
    for (const node of this.nodes) node.incoming = [];
    for (const node of this.downward()) {
      if (node.level === 0) continue;
      node.jt?.incoming.unshift(node.onTrue);
      node.jf?.incoming.unshift(node.onFalse);
    }
  }

  /** Writes the edges back into the blocks. */
  toBlocks(): Block {
    for (const { block, jt, jf } of this.nodes) {
      block.jt = jt?.block;
      block.jf = jf?.block;
    }
    return this.root.block;
  }
}

function findLocalUses(node: Node): void {
  let defined = 0;
  let used = 0;
  let killed = 0;
  for (const one of node.block.statements) {
    used |= usedBy(one) & ~defined;
    const definition = definedBy(one);
    if (definition < 0) continue;
    const bit = 1 << definition;
    if ((used & bit) === 0) killed |= bit;
    defined |= bit;
  }
  if (node.jt !== undefined) used |= usedBy(node.block) & ~defined;
  node.usedInside = used;
  node.killed = killed;
  node.usedAfter = 0;
}
