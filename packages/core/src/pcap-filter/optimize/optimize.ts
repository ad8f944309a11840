/**
 * Makes the code of a filter shorter and faster without changing a verdict, with the steps of libpcap's optimiser in their
 * order, so that the result is the same: first branches alone are moved, then statements are changed as well, each
 * until nothing is left to do; then equal blocks become one.
 */
import { bpfClass, bpfSource, BPF_JMP, BPF_K, BPF_RET } from "../../wire/bpf/instruction.ts";
import type { Block, Statement } from "../block.ts";
import { pullUp, threadEdge } from "./branches.ts";
import { A, FlowGraph, REGISTERS, X, type Node } from "./flow-graph.ts";
import { simplifyNode } from "./peephole.ts";
import { definedBy, usedBy } from "./registers.ts";
import { UNKNOWN, ValueNumbers } from "./value-numbers.ts";

/** Rounds in which only branches move before it is taken for going in circles. */
const IDLE_ROUNDS = 100;

export function optimise(root: Block): Block {
  const graph = new FlowGraph(root);
  repeat(graph, false);
  repeat(graph, true);
  mergeEqual(graph);
  skipEmptyRoot(graph);
  return graph.toBlocks();
}

function repeat(graph: FlowGraph, statements: boolean): void {
  for (let idle = 0; idle < IDLE_ROUNDS;) {
    const round = new Round(graph, statements);
    round.run();
    if (!round.changed && !round.branchesMoved) return;
    idle = round.changed ? 0 : idle + 1;
  }
}

class Round {
  readonly #graph: FlowGraph;
  readonly #numbers = new ValueNumbers();
  readonly #statements: boolean;
  branchesMoved = false;

  constructor(graph: FlowGraph, statements: boolean) {
    this.#graph = graph;
    this.#statements = statements;
  }

  get changed(): boolean {
    return this.#numbers.changed;
  }

  run(): void {
    const graph = this.#graph;
    graph.analyse();
    graph.findIncoming();
    for (const node of graph.downward()) this.#simplify(node);
    // Changed statements leave the branches to the next compilation.
    if (this.#statements) return;
    for (const node of graph.upward()) {
      for (const edge of [node.onTrue, node.onFalse]) {
        const moved = threadEdge(graph, edge);
        if (moved === "shortened") this.#numbers.changed = true;
        if (moved !== "none") this.branchesMoved = true;
      }
    }
    graph.findIncoming();
    for (const node of graph.upward()) {
      if (pullUp(graph, node, "or")) this.branchesMoved = true;
      if (pullUp(graph, node, "and")) this.branchesMoved = true;
    }
  }

  #simplify(node: Node): void {
    const numbers = this.#numbers;
    const { block, values } = node;
    inheritValues(node);
    const before = [values[A], values[X]] as const;
    for (const one of block.statements) numbers.evaluate(one, values, this.#statements);
    const unchanged =
      node.usedAfter === 0 &&
      before[0] !== UNKNOWN &&
      values[A] === before[0] &&
      before[1] !== UNKNOWN &&
      values[X] === before[1];
    if (this.#statements && (unchanged || bpfClass(block.code) === BPF_RET)) {
      if (block.statements.length > 0) {
        block.statements = [];
        numbers.changed = true;
      }
    } else {
      simplifyNode(node, numbers);
      this.#removeDeadStores(node);
    }
    node.operand = bpfSource(block.code) === BPF_K ? numbers.ofConstant(block.k) : (values[X] as number);
  }

  /** Writes that nobody reads, because another one follows or because the filter ends. */
  #removeDeadStores(node: Node): void {
    const unread: (Statement | undefined)[] = Array.from({ length: REGISTERS }, () => undefined);
    const remove = (one: Statement): void => {
      one.deleted = true;
      this.#numbers.changed = true;
    };
    const pass = (one: Pick<Statement, "code" | "k" | "deleted">): number => {
      const used = usedBy(one);
      for (let register = 0; register < REGISTERS; register++) {
        if ((used & (1 << register)) !== 0) unread[register] = undefined;
      }
      return definedBy(one);
    };
    for (const one of node.block.statements) {
      const defined = pass(one);
      if (defined < 0) continue;
      const earlier = unread[defined];
      if (earlier !== undefined) remove(earlier);
      unread[defined] = one;
    }
    pass(node.block);
    for (const [register, one] of unread.entries()) {
      if (one === undefined || (node.usedAfter & (1 << register)) !== 0) continue;
      remove(one);
      node.values[register] = UNKNOWN;
    }
  }
}

/** What all predecessors agree on. */
function inheritValues(node: Node): void {
  const [first, ...others] = node.incoming;
  if (first === undefined) {
    node.values.fill(UNKNOWN);
    return;
  }
  node.values.set(first.from.values);
  for (const { from } of others) {
    for (let register = 0; register < REGISTERS; register++) {
      if (node.values[register] !== from.values[register]) node.values[register] = UNKNOWN;
    }
  }
}

// ---- after the rounds

function mergeEqual(graph: FlowGraph): void {
  const { nodes } = graph;
  for (let changed = true; changed;) {
    changed = false;
    graph.analyse();
    const reached = new Set(graph.levels.flat());
    const same = new Map<Node, Node>();
    for (let i = nodes.length - 2; i >= 0; i--) {
      const node = nodes[i] as Node;
      if (!reached.has(node)) continue;
      for (let j = i + 1; j < nodes.length; j++) {
        const other = nodes[j] as Node;
        if (!reached.has(other) || !isEqual(node, other)) continue;
        same.set(node, same.get(other) ?? other);
        break;
      }
    }
    for (const node of nodes) {
      for (const edge of [node.onTrue, node.onFalse]) {
        const replacement = edge.to === undefined ? undefined : same.get(edge.to);
        if (replacement === undefined) continue;
        edge.to = replacement;
        changed = true;
      }
    }
  }
}

function isEqual(one: Node, other: Node): boolean {
  if (one.block.code !== other.block.code || one.block.k !== other.block.k) return false;
  if (one.jt !== other.jt || one.jf !== other.jf) return false;
  const [first, second] = [one, other].map(({ block }) =>
    block.statements.filter((each) => each.deleted !== true),
  );
  return (
    first !== undefined &&
    second !== undefined &&
    first.length === second.length &&
    first.every((each, index) => each.code === second[index]?.code && each.k === second[index]?.k)
  );
}

/** A test at the start whose outcome does not matter is not made. */
function skipEmptyRoot(graph: FlowGraph): void {
  const before = graph.root.block.statements;
  graph.root.block.statements = [];
  while (bpfClass(graph.root.block.code) === BPF_JMP && graph.root.jt === graph.root.jf) {
    graph.root = graph.root.jt as Node;
  }
  const { block } = graph.root;
  block.statements = bpfClass(block.code) === BPF_RET ? [] : [...before, ...block.statements];
}
