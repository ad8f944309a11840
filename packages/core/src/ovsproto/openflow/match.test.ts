import { describe, expect, test } from "vitest";
import { fields, codeFor, theField } from "./fields.ts";
import { KEY_WORDS, newKey, onesOf, readKeyBits, writeKeyBits } from "./flow-key.ts";
import { Match } from "./match.ts";
import { formatSubfield, parseSubfield } from "./subfield.ts";

describe("the table of fields", () => {
  test("places every field inside of the key", () => {
    const outside = fields.filter(
      ({ at }) =>
        at && (at.word + at.words > KEY_WORDS || (at.words === 1 ? at.shift + at.bits > 32 : at.shift !== 0)),
    );
    expect(outside).toEqual([]);
  });
  test("has no two fields with one name or one code point", () => {
    const names = fields.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
    expect(new Set(names).size).toBe(names.length);
    const codes = fields.flatMap((field) =>
      field.codes.map((code) => `${code.oxmClass}/${code.vendor}/${code.number}`),
    );
    expect(new Set(codes).size).toBe(codes.length);
  });
  test.each([
    ["eth_dst", 0, "NXM_OF_ETH_DST"],
    ["eth_dst", 3, "OXM_OF_ETH_DST"],
    ["tun_id", 3, "NXM_NX_TUN_ID"],
    ["tun_id", 4, "OXM_OF_TUNNEL_ID"],
    ["tcp_flags", 4, "ONFOXM_ET_TCP_FLAGS"],
    ["tcp_flags", 6, "OXM_OF_TCP_FLAGS"],
    ["metadata", 0, "OXM_OF_METADATA"],
  ] as const)("%s is in version %i %s", (name, version, code) => {
    expect(codeFor(theField(name), version)?.name).toBe(code);
  });
});

test("bits of a key are written and read where they lie, and nothing else changes", () => {
  const pattern = newKey().fill(0xa5a5_a5a5);
  const wrong = fields.filter(({ at }) => {
    if (!at) return false;
    const key = pattern.slice();
    const value = 0x0123_4567_89ab_cdef_0fed_cba9_8765_4321n & onesOf(at.bits);
    writeKeyBits(key, at, value);
    if (readKeyBits(key, at) !== value) return true;
    writeKeyBits(key, at, readKeyBits(pattern, at));
    return key.some((word) => word !== 0xa5a5_a5a5);
  });
  expect(wrong).toEqual([]);
});

describe("a match", () => {
  const matchOf = (...set: readonly [string, bigint, bigint?][]) => {
    const match = new Match();
    for (const [name, value, mask] of set) match.set(theField(name), value, mask);
    return match;
  };

  test("drops value bits outside of the mask", () => {
    expect(matchOf(["reg0", 0xffn, 0x0fn]).get(theField("reg0"))).toEqual({ value: 0x0fn, mask: 0x0fn });
  });
  test("keeps VLAN id and priority apart, and says that there is a tag", () => {
    const match = matchOf(["dl_vlan", 5n], ["dl_vlan_pcp", 3n]);
    expect(match.get(theField("vlan_tci"))).toEqual({ value: 0x7005n, mask: 0xffffn });
    expect(match.get(theField("dl_vlan")).value).toBe(5n);
  });
  test("on dl_vlan=0xffff is one on no tag", () => {
    expect(matchOf(["dl_vlan", 0xffffn]).get(theField("vlan_tci"))).toEqual({ value: 0n, mask: 0xffffn });
  });
  test("shows a quarter of xxreg0 as reg0", () => {
    expect(matchOf(["xxreg0", 1n << 96n]).get(theField("reg0"))).toEqual({ value: 1n, mask: 0xffff_ffffn });
  });
  test("maps reserved ports between 16 and 32 bits", () => {
    const match = matchOf(["in_port_oxm", 0xffff_fffen]);
    expect(match.get(theField("in_port")).value).toBe(0xfffen);
    expect(match.get(theField("in_port_oxm")).value).toBe(0xffff_fffen);
  });
  test("is within a looser one, never within a different one", () => {
    const narrow = matchOf(["eth_type", 0x0800n], ["ip_src", 0x0a00_0001n]);
    expect(narrow.within(matchOf(["ip_src", 0x0a00_0000n, 0xff00_0000n]))).toBe(true);
    expect(narrow.within(matchOf(["ip_src", 0x0b00_0000n, 0xff00_0000n]))).toBe(false);
    expect(new Match().within(narrow)).toBe(false);
    expect(narrow.within(new Match())).toBe(true);
  });
  test("accepts keys that have its bits", () => {
    const match = matchOf(["reg3", 0x80n, 0x80n]);
    const key = newKey();
    expect(match.accepts(key)).toBe(false);
    writeKeyBits(key, theField("reg3").at ?? { word: 0, words: 1, shift: 0, bits: 1 }, 0xffn);
    expect(match.accepts(key)).toBe(true);
  });
});

describe("a subfield", () => {
  test.each([
    ["NXM_NX_REG0[]", "NXM_NX_REG0[]"],
    ["reg0", "NXM_NX_REG0[]"],
    ["reg0[3]", "NXM_NX_REG0[3]"],
    ["eth_dst[0..15]", "NXM_OF_ETH_DST[0..15]"],
    ["reg0[0..31]", "NXM_NX_REG0[]"],
  ])("%s reads as %s", (text, formatted) => {
    const parsed = parseSubfield(text);
    expect(typeof parsed === "string" ? parsed : formatSubfield(parsed)).toBe(formatted);
  });
  test.each([
    ["reg77[]", "reg77[]: unknown field `reg77'"],
    ["reg0[32]", "reg0[32]: starting bit 32 is not valid because field is only 32 bits wide"],
    ["reg0[4..2]", "reg0[4..2]: starting bit 4 is after ending bit 2"],
    ["reg0[4..32]", "reg0[4..32]: ending bit 32 is not valid because field is only 32 bits wide"],
    ["reg0[0]x", "unexpected input following field syntax"],
    ["reg0[x]", "reg0[x]: syntax error expecting [] or [<bit>] or [<start>..<end>]"],
  ])("%s is refused", (text, error) => {
    expect(parseSubfield(text)).toBe(error);
  });
});
