import { describe, expect, test } from "vitest";
import { PrefixTrie } from "./prefix-trie.ts";
import type { TrieAnswer } from "./prefix-trie.ts";

const address = (text: string) => text.split(".").reduce((value, part) => value * 256 + Number(part), 0);

function look(trie: PrefixTrie, text: string): TrieAnswer {
  const answer: TrieAnswer = { lengths: 0, bits: 0 };
  trie.lookup(address(text), answer);
  return { lengths: answer.lengths >>> 0, bits: answer.bits };
}

describe("a prefix trie", () => {
  test("tells the prefixes on the way and how far it looked", () => {
    const trie = new PrefixTrie();
    trie.insert(address("10.0.0.0"), 8);
    trie.insert(address("10.1.0.0"), 16);
    expect(look(trie, "10.1.2.3")).toEqual({ lengths: 0x0101_0000 >>> 0, bits: 16 });
    // 10.2 differs from 10.1 in bit 15
    expect(look(trie, "10.2.0.1")).toEqual({ lengths: 0x0100_0000, bits: 15 });
    // 192 and 10 differ in the first bit
    expect(look(trie, "192.168.0.1")).toEqual({ lengths: 0, bits: 1 });
  });
  test("forgets what is removed", () => {
    const trie = new PrefixTrie();
    trie.insert(address("10.0.0.0"), 8);
    trie.insert(address("10.1.0.0"), 16);
    trie.remove(address("10.1.0.0"), 16);
    expect(look(trie, "10.1.2.3")).toEqual({ lengths: 0x0100_0000, bits: 8 });
    trie.remove(address("10.0.0.0"), 8);
    expect(look(trie, "10.1.2.3")).toEqual({ lengths: 0, bits: 0 });
  });
  test("counts rules with one prefix", () => {
    const trie = new PrefixTrie();
    trie.insert(address("10.0.0.0"), 8);
    trie.insert(address("10.0.0.0"), 8);
    trie.remove(address("10.0.0.0"), 8);
    expect(look(trie, "10.1.2.3").lengths).toBe(0x0100_0000);
  });
});
