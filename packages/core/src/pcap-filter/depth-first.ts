/** Visits the blocks of a graph in depth-first order without recursion, since expressions may be very long. */
import type { Block } from "./block.ts";

export interface DepthFirst {
  /** In the order in which blocks were reached. */
  readonly reached: readonly Block[];
  /** In the order in which blocks and all that follows them were done: a block after its successors. */
  readonly finished: readonly Block[];
}

export function depthFirst(root: Block, first: "jt" | "jf"): DepthFirst {
  const second = first === "jt" ? "jf" : "jt";
  const seen = new Set<Block>([root]);
  const reached: Block[] = [root];
  const finished: Block[] = [];
  const stack: { readonly block: Block; next: number }[] = [{ block: root, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const side = top.next === 0 ? first : top.next === 1 ? second : undefined;
    top.next++;
    if (side === undefined) {
      finished.push(top.block);
      stack.pop();
      continue;
    }
    const successor = top.block[side];
    if (successor === undefined || seen.has(successor)) continue;
    seen.add(successor);
    reached.push(successor);
    stack.push({ block: successor, next: 0 });
  }
  return { reached, finished };
}
