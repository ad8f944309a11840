/**
 * Branches that need not be taken one by one. An edge goes past a test whose outcome is known on that way; and in a chain
 * of tests with the same target, tests of the same value are brought together, so that it is loaded once.
 */
import { BPF_JEQ, BPF_JMP, BPF_K } from "../../wire/bpf/instruction.ts";
import { A, REGISTERS, type Edge, type FlowGraph, type Node } from "./flow-graph.ts";

/** Whether something that is read behind `target` has another value on the way from `from`. */
function conflicts(from: Node, target: Node): boolean {
  if (target.usedAfter === 0) return false;
  for (let register = 0; register < REGISTERS; register++) {
    if ((target.usedAfter & (1 << register)) !== 0 && from.values[register] !== target.values[register]) {
      return true;
    }
  }
  return false;
}

/** Where `node` leads to, if `edge` was taken before; undefined if that says nothing. */
function outcome(node: Node, edge: Edge): Node | undefined {
  const { from, sense } = edge;
  if (node.block.code !== from.block.code || node.values[A] !== from.values[A]) return undefined;
  if (node.operand === from.operand) return sense ? node.jt : node.jf;
  // Equal to one constant is different from another one.
  if (sense && node.block.code === (BPF_JMP | BPF_JEQ | BPF_K)) return node.jf;
  return undefined;
}

/**
 * Moves the target of an edge as far as it goes.
 *
 * @returns `shortened` if a test with one target was left out, `moved` if only tests with known outcomes were
 */
export function threadEdge(graph: FlowGraph, edge: Edge): "none" | "moved" | "shortened" {
  let result: "none" | "moved" | "shortened" = "none";
  const next = edge.to;
  if (next === undefined || next.jt === undefined) return result;
  if (next.jt === next.jf && !conflicts(edge.from, next.jt)) {
    edge.to = next.jt;
    result = "shortened";
  }
  for (let again = true; again;) {
    again = false;
    for (const id of edge.dominators.members()) {
      const target = outcome(edge.to as Node, graph.edges[id] as Edge);
      if (target === undefined || conflicts(edge.from, target)) continue;
      edge.to = target;
      if (result === "none") result = "moved";
      if (target.jt === undefined) return result;
      again = true;
      break;
    }
  }
  return result;
}

/**
 * `node` is the first of a chain of tests that are joined by `or` or `and`. A later test of the value that the
 * accumulator had before the chain goes to its front.
 */
export function pullUp(graph: FlowGraph, node: Node, joined: "or" | "and"): boolean {
  const [first, ...others] = node.incoming;
  if (first === undefined) return false;
  const value = first.from.values[A];
  if (others.some(({ from }) => from.values[A] !== value)) return false;

  // In an "or" the true sides all lead to one place and the chain goes over the false sides; in an "and" vice versa.
  const along = joined === "or" ? "onFalse" : "onTrue";
  const common = joined === "or" ? "onTrue" : "onFalse";
  const belongs = (candidate: Node | undefined): candidate is Node =>
    candidate !== undefined && candidate[common].to === node[common].to && candidate.dominators.has(node.id);

  let different: Edge = first.from.jt === node ? first.from.onTrue : first.from.onFalse;
  let atTop = true;
  let other: Node | undefined;
  for (; ; atTop = false) {
    other = different.to;
    if (!belongs(other)) return false;
    if (other.values[A] !== value) break;
    different = other[along];
  }
  let same: Edge = other[along];
  let pulled: Node | undefined;
  for (;;) {
    pulled = same.to;
    if (!belongs(pulled)) return false;
    if (pulled.values[A] === value) break;
    same = pulled[along];
  }
  same.to = pulled[along].to;
  pulled[along].to = other;
  if (atTop) {
    for (const { from } of node.incoming) {
      if (from.jt === node) from.onTrue.to = pulled;
      else from.onFalse.to = pulled;
    }
  } else different.to = pulled;
  graph.findDominators();
  return true;
}
