// A trie of prefixes of one field of 32 or 128 bits, beside a classifier: tells, for a value, which prefix lengths any rule has on
// the way to it, and how many bits that answer depends on. So lookups skip tables without looking at the whole address, and
// megaflows stay wide (classifier.c of Open vSwitch, "trie_*").
//
// Values are words of a flow, most significant first: the array, the first word, and how many there are.

const WORD_BITS = 32;
const MOST_WORDS = 4;

interface TrieNode {
  /** Bits of this edge, left aligned. */
  prefix: number;
  length: number;
  rules: number;
  left: TrieNode | undefined;
  right: TrieNode | undefined;
}

/** Answer of the last lookup. */
export interface TrieAnswer {
  /** Bit N-1, from the top of the first word, is set if a rule has a prefix of N bits. */
  readonly lengths: Uint32Array;
  /** Bits of the value that were looked at. */
  bits: number;
}

export function newAnswer(): TrieAnswer {
  return { lengths: new Uint32Array(MOST_WORDS), bits: 0 };
}

/** The top `length` bits of a word set. */
export function prefixMask(length: number): number {
  return length <= 0 ? 0 : length >= WORD_BITS ? 0xffff_ffff : (0xffff_ffff << (WORD_BITS - length)) >>> 0;
}

/** Whether a rule has a prefix of this length. */
export function hasLength({ lengths }: TrieAnswer, length: number): boolean {
  return ((lengths[(length - 1) >> 5] as number) & (0x8000_0000 >>> ((length - 1) & 31))) !== 0;
}

function isLeaf(node: TrieNode): boolean {
  return node.left === undefined && node.right === undefined;
}

export class PrefixTrie {
  readonly #words: number;
  readonly #width: number;
  #root: TrieNode | undefined;

  /** @param words of a value, 1 or 4 */
  constructor(words = 1) {
    this.#words = words;
    this.#width = words * WORD_BITS;
  }

  /** 32 bits from bit `from` on, left aligned. */
  #bits(value: Uint32Array, at: number, from: number): number {
    const index = from >>> 5;
    if (index >= this.#words) return 0;
    const shift = from & 31;
    const high = value[at + index] as number;
    if (shift === 0) return high;
    const low = index + 1 < this.#words ? (value[at + index + 1] as number) : 0;
    return ((high << shift) | (low >>> (WORD_BITS - shift))) >>> 0;
  }

  #bit(value: Uint32Array, at: number, bit: number): number {
    return ((value[at + (bit >>> 5)] as number) >>> (31 - (bit & 31))) & 1;
  }

  /** How many bits of an edge are equal to those of the value from bit `from` on. */
  #equalBits({ prefix, length }: TrieNode, value: Uint32Array, at: number, from: number): number {
    const different = (prefix ^ this.#bits(value, at, from)) >>> 0;
    return Math.min(length, different === 0 ? WORD_BITS : Math.clz32(different), this.#width - from);
  }

  insert(value: Uint32Array, at: number, length: number): void {
    this.#root = this.#insert(this.#root, value, at, 0, length);
  }

  /** An edge has at most 32 bits: the rest hangs below it. */
  #branch(value: Uint32Array, at: number, from: number, length: number): TrieNode {
    const bits = Math.min(length - from, WORD_BITS);
    const node: TrieNode = {
      prefix: (this.#bits(value, at, from) & prefixMask(bits)) >>> 0,
      length: bits,
      rules: 0,
      left: undefined,
      right: undefined,
    };
    if (from + bits === length) node.rules = 1;
    else this.#descend(node, value, at, from + bits, length);
    return node;
  }

  #insert(
    node: TrieNode | undefined,
    value: Uint32Array,
    at: number,
    from: number,
    length: number,
  ): TrieNode {
    if (node === undefined) return this.#branch(value, at, from, length);
    const equal = Math.min(this.#equalBits(node, value, at, from), length - from);
    if (equal < node.length) {
      const lower: TrieNode = {
        ...node,
        prefix: (node.prefix << equal) >>> 0,
        length: node.length - equal,
      };
      const upper: TrieNode = {
        prefix: (node.prefix & prefixMask(equal)) >>> 0,
        length: equal,
        rules: 0,
        left: undefined,
        right: undefined,
      };
      if (lower.prefix >>> 31) upper.right = lower;
      else upper.left = lower;
      if (from + equal === length) upper.rules = 1;
      else this.#descend(upper, value, at, from + equal, length);
      return upper;
    }
    if (from + equal === length) node.rules++;
    else this.#descend(node, value, at, from + equal, length);
    return node;
  }

  #descend(node: TrieNode, value: Uint32Array, at: number, from: number, length: number): void {
    if (this.#bit(value, at, from)) node.right = this.#insert(node.right, value, at, from, length);
    else node.left = this.#insert(node.left, value, at, from, length);
  }

  remove(value: Uint32Array, at: number, length: number): void {
    this.#root = this.#remove(this.#root, value, at, 0, length);
  }

  #remove(
    node: TrieNode | undefined,
    value: Uint32Array,
    at: number,
    from: number,
    length: number,
  ): TrieNode | undefined {
    if (node === undefined) return undefined;
    const end = from + node.length;
    if (end > length || this.#equalBits(node, value, at, from) < node.length) return node;
    if (end === length) node.rules = Math.max(0, node.rules - 1);
    else if (this.#bit(value, at, end)) node.right = this.#remove(node.right, value, at, end, length);
    else node.left = this.#remove(node.left, value, at, end, length);
    if (node.rules > 0) return node;
    if (isLeaf(node)) return undefined;
    if (node.left !== undefined && node.right !== undefined) return node;
    const only = (node.left ?? node.right) as TrieNode;
    if (node.length + only.length > WORD_BITS) return node;
    only.prefix = (node.prefix | (node.length >= WORD_BITS ? 0 : only.prefix >>> node.length)) >>> 0;
    only.length += node.length;
    return only;
  }

  lookup(value: Uint32Array, at: number, answer: TrieAnswer): void {
    const { lengths } = answer;
    lengths.fill(0);
    let before: TrieNode | undefined = undefined;
    let node = this.#root;
    let matched = 0;
    while (node !== undefined) {
      const equal = this.#equalBits(node, value, at, matched);
      matched += equal;
      if (equal < node.length) {
        answer.bits = matched + 1; // with the bit that differs
        return;
      }
      if (node.rules > 0 && matched > 0) {
        const index = (matched - 1) >> 5;
        lengths[index] = (lengths[index] as number) | (0x8000_0000 >>> ((matched - 1) & 31));
      }
      if (matched >= this.#width) {
        answer.bits = this.#width;
        return;
      }
      before = node;
      node = this.#bit(value, at, matched) ? node.right : node.left;
    }
    // The way ended. If there was another branch, that it was not taken took one more bit.
    answer.bits = before === undefined || isLeaf(before) ? matched : matched + 1;
  }
}
