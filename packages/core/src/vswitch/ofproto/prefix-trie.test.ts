import { describe, expect, test } from "vitest";
import { writeIpv6Words } from "../../ovsproto/flow/ipv6-words.ts";
import { parseIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { hasLength, newAnswer, PrefixTrie } from "./prefix-trie.ts";

const address = (text: string) =>
  Uint32Array.of(text.split(".").reduce((value, part) => value * 256 + Number(part), 0));

function look(trie: PrefixTrie, text: string): { readonly lengths: number; readonly bits: number } {
  const answer = newAnswer();
  trie.lookup(address(text), 0, answer);
  return { lengths: answer.lengths[0] ?? 0, bits: answer.bits };
}

describe("a prefix trie", () => {
  test("tells the prefixes on the way and how far it looked", () => {
    const trie = new PrefixTrie();
    trie.insert(address("10.0.0.0"), 0, 8);
    trie.insert(address("10.1.0.0"), 0, 16);
    expect(look(trie, "10.1.2.3")).toEqual({ lengths: 0x0101_0000 >>> 0, bits: 16 });
    // 10.2 differs from 10.1 in bit 15
    expect(look(trie, "10.2.0.1")).toEqual({ lengths: 0x0100_0000, bits: 15 });
    // 192 and 10 differ in the first bit
    expect(look(trie, "192.168.0.1")).toEqual({ lengths: 0, bits: 1 });
  });
  test("forgets what is removed", () => {
    const trie = new PrefixTrie();
    trie.insert(address("10.0.0.0"), 0, 8);
    trie.insert(address("10.1.0.0"), 0, 16);
    trie.remove(address("10.1.0.0"), 0, 16);
    expect(look(trie, "10.1.2.3")).toEqual({ lengths: 0x0100_0000, bits: 8 });
    trie.remove(address("10.0.0.0"), 0, 8);
    expect(look(trie, "10.1.2.3")).toEqual({ lengths: 0, bits: 0 });
  });
  test("counts rules with one prefix", () => {
    const trie = new PrefixTrie();
    trie.insert(address("10.0.0.0"), 0, 8);
    trie.insert(address("10.0.0.0"), 0, 8);
    trie.remove(address("10.0.0.0"), 0, 8);
    expect(look(trie, "10.1.2.3").lengths).toBe(0x0100_0000);
  });
  test("knows prefixes of IPv6 addresses, which are longer than an edge", () => {
    const words = (text: string) => {
      const flow = new Uint32Array(4);
      writeIpv6Words(flow, 0, parseIpv6(text) as Ipv6Address);
      return flow;
    };
    const trie = new PrefixTrie(4);
    trie.insert(words("2001:db8::"), 0, 32);
    trie.insert(words("2001:db8:1::"), 0, 48);
    trie.insert(words("2001:db8:1::1"), 0, 128);
    const at = (text: string) => {
      const answer = newAnswer();
      trie.lookup(words(text), 0, answer);
      return [[32, 48, 127, 128].filter((length) => hasLength(answer, length)), answer.bits];
    };
    expect(at("2001:db8:1::1")).toEqual([[32, 48, 128], 128]);
    expect(at("2001:db8:1::2")).toEqual([[32, 48], 127]);
    expect(at("2001:db8:2::1")).toEqual([[32], 47]);
    expect(at("fe80::1")).toEqual([[], 1]);
    trie.remove(words("2001:db8:1::1"), 0, 128);
    expect(at("2001:db8:1::2")).toEqual([[32, 48], 48]);
  });
});
