// A trie of prefixes of one 32-bit field, beside a classifier: tells, for a value, which prefix lengths any rule has on the
// way to it, and how many bits that answer depends on. So lookups skip tables without looking at the whole address, and
// megaflows stay wide (classifier.c of Open vSwitch, "trie_*").

interface TrieNode {
  /** Bits of this edge, left aligned. */
  prefix: number;
  length: number;
  rules: number;
  left: TrieNode | undefined;
  right: TrieNode | undefined;
}

/** Answer of the last lookup: bit N-1 of `lengths` (from the top) is set if a rule has a prefix of N bits. */
export interface TrieAnswer {
  lengths: number;
  /** Bits of the value that were looked at. */
  bits: number;
}

/** The top `length` bits set. */
export function prefixMask(length: number): number {
  return length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
}

function bitAt(value: number, at: number): number {
  return (value >>> (31 - at)) & 1;
}

/** How many bits of `prefix` are equal to those of `value` from bit `from` on. */
function equalBits(prefix: number, length: number, value: number, from: number): number {
  const rest = from >= 32 ? 0 : (value << from) >>> 0;
  const different = (prefix ^ rest) >>> 0;
  return Math.min(length, different === 0 ? 32 : Math.clz32(different), 32 - from);
}

function isLeaf(node: TrieNode): boolean {
  return node.left === undefined && node.right === undefined;
}

export class PrefixTrie {
  #root: TrieNode | undefined;

  insert(value: number, length: number): void {
    this.#root = this.#insert(this.#root, value, 0, length);
  }

  #insert(node: TrieNode | undefined, value: number, from: number, length: number): TrieNode {
    if (node === undefined) {
      return {
        prefix: edge(value, from, length),
        length: length - from,
        rules: 1,
        left: undefined,
        right: undefined,
      };
    }
    const equal = Math.min(equalBits(node.prefix, node.length, value, from), length - from);
    if (equal < node.length) {
      const lower: TrieNode = {
        ...node,
        prefix: equal >= 32 ? 0 : (node.prefix << equal) >>> 0,
        length: node.length - equal,
      };
      const upper: TrieNode = {
        prefix: (node.prefix & prefixMask(equal)) >>> 0,
        length: equal,
        rules: 0,
        left: undefined,
        right: undefined,
      };
      if (bitAt(lower.prefix, 0)) upper.right = lower;
      else upper.left = lower;
      if (from + equal === length) upper.rules = 1;
      else this.#descend(upper, value, from + equal, length);
      return upper;
    }
    if (from + equal === length) node.rules++;
    else this.#descend(node, value, from + equal, length);
    return node;
  }

  #descend(node: TrieNode, value: number, from: number, length: number): void {
    if (bitAt(value, from)) node.right = this.#insert(node.right, value, from, length);
    else node.left = this.#insert(node.left, value, from, length);
  }

  remove(value: number, length: number): void {
    this.#root = this.#remove(this.#root, value, 0, length);
  }

  #remove(node: TrieNode | undefined, value: number, from: number, length: number): TrieNode | undefined {
    if (node === undefined) return undefined;
    const at = from + node.length;
    if (at > length || equalBits(node.prefix, node.length, value, from) < node.length) return node;
    if (at === length) node.rules = Math.max(0, node.rules - 1);
    else if (bitAt(value, at)) node.right = this.#remove(node.right, value, at, length);
    else node.left = this.#remove(node.left, value, at, length);
    if (node.rules > 0) return node;
    if (isLeaf(node)) return undefined;
    if (node.left !== undefined && node.right !== undefined) return node;
    const only = (node.left ?? node.right) as TrieNode;
    if (node.length + only.length > 32) return node;
    only.prefix = (node.prefix | (node.length >= 32 ? 0 : only.prefix >>> node.length)) >>> 0;
    only.length += node.length;
    return only;
  }

  lookup(value: number, answer: TrieAnswer): void {
    answer.lengths = 0;
    let before: TrieNode | undefined = undefined;
    let node = this.#root;
    let matched = 0;
    while (node !== undefined) {
      const equal = equalBits(node.prefix, node.length, value, matched);
      matched += equal;
      if (equal < node.length) {
        answer.bits = matched + 1; // with the bit that differs
        return;
      }
      if (node.rules > 0 && matched > 0) answer.lengths |= 0x8000_0000 >>> (matched - 1);
      if (matched >= 32) {
        answer.bits = 32;
        return;
      }
      before = node;
      node = bitAt(value, matched) ? node.right : node.left;
    }
    // The way ended. If there was another branch, that it was not taken took one more bit.
    answer.bits = before === undefined || isLeaf(before) ? matched : matched + 1;
  }
}

function edge(value: number, from: number, length: number): number {
  return from >= 32 ? 0 : (((value << from) >>> 0) & prefixMask(length - from)) >>> 0;
}
