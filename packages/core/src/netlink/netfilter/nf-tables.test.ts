import { expect, test } from "vitest";
import { bytesFromHex } from "../../wire/hex.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeChain, decodeImmediate, decodeRule, NF_HOOK, NFT_VERDICT } from "./nf-tables.ts";

const hex = (text: string): Uint8Array => bytesFromHex(text) ?? new Uint8Array(0);

// What Linux 6.18 answers after `nft add table ip t; add chain ip t forw { type filter hook forward priority 0; policy drop; };
// add chain ip t more; add rule ip t forw ip daddr 10.2.0.1 jump more; add rule ip t more counter drop`.
const FORW =
  "02000002060001007400000009000300666f7277000000000c0002000000000000000001140004000800010000000002080002000000000008000500000000000b00070066696c746572000008000a00000000010800060000000003";
const MORE = "020000020600010074000000090003006d6f7265000000000c00020000000000000000020800060000000002";
const JUMP =
  "02000002060001007400000009000200666f7277000000000c0003000000000000000003a0000400340001000c0001007061796c6f6164002400020008000100000000010800020000000001080003000000001008000400000000042c00010008000100636d700020000200080001000000000108000200000000000c000300080001000a0200013c0001000e000100696d6d6564696174650000002800020008000100000000001c0002001800020008000100fffffffd090002006d6f726500000000";
const DROP =
  "020000020600010074000000090002006d6f7265000000000c0003000000000000000004600004002c0001000c000100636f756e746572001c0002000c00010000000000000000000c0002000000000000000000300001000e000100696d6d6564696174650000001c0002000800010000000000100002000c0002000800010000000000";

test("a base chain has its hook and policy, others have neither", () => {
  expect(decodeChain(hex(FORW))).toMatchObject({
    family: 2,
    table: "t",
    name: "forw",
    hook: { number: NF_HOOK.FORWARD, priority: 0 },
    policy: NFT_VERDICT.DROP,
    type: "filter",
  });
  const more = decodeChain(hex(MORE));
  expect(isMalformed(more) ? more : [more.name, more.hook, more.policy]).toEqual([
    "more",
    undefined,
    undefined,
  ]);
});

test.each([
  ["a jump", JUMP, "forw", 3n, { code: NFT_VERDICT.JUMP, chain: "more" }],
  ["a drop", DROP, "more", 4n, { code: NFT_VERDICT.DROP }],
] as const)("a rule ends in %s", (_, bytes, chain, handle, verdict) => {
  const rule = decodeRule(hex(bytes));
  if (isMalformed(rule)) throw new Error("malformed");
  expect([rule.table, rule.chain, rule.handle]).toEqual(["t", chain, handle]);
  const last = rule.expressions?.at(-1);
  expect(last?.name).toBe("immediate");
  expect(decodeImmediate(last?.data ?? new Uint8Array(0))).toEqual({ register: 0, data: { verdict } });
});
