// ioctl requests about devices: what they write into struct ifreq, what they change, and their errors (netdevice(7)).

import { expect, test } from "vitest";
import { ERRNO } from "../netlink/errno.ts";
import { readS32Host, readU16Host, writeU16Host, writeU32Host } from "../netlink/host-bytes.ts";
import { Refusal } from "../netlink/refusal.ts";
import { boot } from "./boot.ts";
import { IFREQ_UNION, readName, writeName } from "./ioctl.ts";
import type { Kernel } from "./kernel.ts";
import { profileOf } from "./profile.ts";

const GIFNAME = 0x8910;
const GIFFLAGS = 0x8913;
const SIFFLAGS = 0x8914;
const GIFMTU = 0x8921;
const SIFMTU = 0x8922;
const SIFNAME = 0x8923;
const SIFHWADDR = 0x8924;
const GIFHWADDR = 0x8927;
const GIFSLAVE = 0x8929;
const ADDMULTI = 0x8931;
const GIFINDEX = 0x8933;
const SIFTXQLEN = 0x8943;
const IFREQ = 40;

function host(): Kernel {
  return boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, [], []);
}

function call(kernel: Kernel, number: number, name: string, fill?: (data: Uint8Array) => void): Uint8Array {
  const data = new Uint8Array(IFREQ).fill(0xa5);
  writeName(data, 0, name);
  fill?.(data);
  kernel.ioctls.call(kernel.init, { shape: "ifreq", number, data });
  return data;
}

function errno(act: () => unknown): number {
  try {
    act();
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  }
  return 0;
}

test("index, name, MTU and hardware address are written in place", () => {
  const kernel = host();
  expect(readS32Host(call(kernel, GIFINDEX, "lo"), IFREQ_UNION)).toBe(1);
  expect(readS32Host(call(kernel, GIFMTU, "lo"), IFREQ_UNION)).toBe(65536);
  const name = call(kernel, GIFNAME, "", (data) => writeU32Host(data, IFREQ_UNION, 1));
  expect(readName(name)).toBe("lo");
  const address = call(kernel, GIFHWADDR, "lo");
  expect(readU16Host(address, IFREQ_UNION)).toBe(772);
  expect([...address.subarray(18, 24)]).toEqual([0, 0, 0, 0, 0, 0]);
});

test("flags take a device up and down", () => {
  const kernel = host();
  expect(readU16Host(call(kernel, GIFFLAGS, "lo"), IFREQ_UNION)).toBe(0x8);
  call(kernel, SIFFLAGS, "lo", (data) => writeU16Host(data, IFREQ_UNION, 0x1));
  expect(readU16Host(call(kernel, GIFFLAGS, "lo"), IFREQ_UNION)).toBe(0x49);
  expect(kernel.init.loopback.up).toBe(true);
});

test("an alias names the device before its colon", () => {
  expect(readS32Host(call(host(), GIFINDEX, "lo:1"), IFREQ_UNION)).toBe(1);
});

test.each<[string, number, number, string, ((data: Uint8Array) => void)?]>([
  ["no such device", ERRNO.ENODEV, GIFFLAGS, "nope"],
  ["no such index", ERRNO.ENODEV, GIFNAME, "", (data) => writeU32Host(data, IFREQ_UNION, 99)],
  ["an unknown request", ERRNO.ENOTTY, 0x89ff, "lo"],
  ["a request that is long gone", ERRNO.EINVAL, GIFSLAVE, "lo"],
  ["an MTU below zero", ERRNO.EINVAL, SIFMTU, "lo", (data) => writeU32Host(data, IFREQ_UNION, 0xffff_ffff)],
  [
    "a queue length below zero",
    ERRNO.EINVAL,
    SIFTXQLEN,
    "lo",
    (data) => writeU32Host(data, IFREQ_UNION, 0xffff_ffff),
  ],
  ["an impossible name", ERRNO.EINVAL, SIFNAME, "lo", (data) => writeName(data, IFREQ_UNION, "a b")],
  ["an address of another type", ERRNO.EINVAL, SIFHWADDR, "lo", (data) => writeU16Host(data, IFREQ_UNION, 1)],
  [
    "a group address with a family",
    ERRNO.EINVAL,
    ADDMULTI,
    "lo",
    (data) => writeU16Host(data, IFREQ_UNION, 2),
  ],
])("refused: %s", (_what, expected, number, name, fill) => {
  expect(errno(() => call(host(), number, name, fill))).toBe(expected);
});
