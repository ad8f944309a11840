import { expect, test } from "vitest";
import { AF } from "../../netlink/rtnl/types.ts";
import {
  formatAddress,
  formatLinkAddress,
  parseAddress,
  parseLooseIpv4,
  parsePrefix,
  samePrefix,
} from "./addresses.ts";

const text = (prefix: ReturnType<typeof parsePrefix>): string | undefined =>
  prefix && `${formatAddress(prefix.family, prefix.bytes)}/${prefix.bits}`;

test.each([
  ["10.0.0.1/24", "10.0.0.1/24"],
  ["10.0.0/24", "10.0.0.0/24"],
  ["10/8", "10.0.0.0/8"],
  ["0x7f.1", "127.1.0.0/32"],
  ["010.1/8", "8.1.0.0/8"],
  ["1.2.3.4/255.255.0.0", "1.2.3.4/16"],
  ["2001:db8::1/64", "2001:db8::1/64"],
  ["::ffff:1.2.3.4", "::ffff:1.2.3.4/128"],
])("%s", (word, expected) => {
  expect(text(parsePrefix(word, AF.UNSPEC))).toBe(expected);
});

test.each([
  "10.0.0.1/33",
  "10.0.0.256",
  "10.0.0.1.1",
  "10.",
  "foo",
  "",
  "2001:zz::1",
  "::1/129",
  "1.2.3.4/255.0.255.0",
  "/8",
])("%j is no prefix", (word) => {
  expect(parsePrefix(word, AF.UNSPEC)).toBeUndefined();
});

test("a family that was asked for excludes the other", () => {
  expect(parsePrefix("10.0.0.1", AF.INET6)).toBeUndefined();
  expect(parsePrefix("::1", AF.INET)).toBeUndefined();
});

test("default, any and all have no address, as prefix not even a length", () => {
  expect(parsePrefix("default", AF.UNSPEC)).toEqual({
    family: AF.UNSPEC,
    bytes: new Uint8Array(0),
    bits: 0,
    bitsGiven: true,
  });
  expect(parseAddress("any", AF.INET)?.bytes).toEqual(new Uint8Array(4));
});

test("a short IPv4 address is filled from the right", () => {
  expect(parseLooseIpv4("1.2")).toEqual(Uint8Array.of(1, 2, 0, 0));
});

test("tunnels have IP addresses as link-layer addresses", () => {
  expect(formatLinkAddress(Uint8Array.of(10, 0, 0, 1), 778)).toBe("10.0.0.1");
  expect(formatLinkAddress(Uint8Array.of(2, 0, 0, 0, 0, 1), 1)).toBe("02:00:00:00:00:01");
});

test("prefixes compare bit by bit", () => {
  const a = Uint8Array.of(10, 0x80, 0, 0);
  const b = Uint8Array.of(10, 0xff, 0, 0);
  expect(samePrefix(a, b, 9)).toBe(true);
  expect(samePrefix(a, b, 10)).toBe(false);
  expect(samePrefix(a, b, 0)).toBe(true);
});
