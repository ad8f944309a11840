// Process ids inside rtnetlink requests. The kernel does not know the ids of our processes, which all live in one Linux
// process; a request that names one (`ip link set DEV netns PID`) gets a descriptor of its namespace instead.

import { readU16Host, readU32Host, writeU16Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";

/** Where the attributes start behind nlmsghdr, and which of them are a pid and a descriptor. */
const SHAPES: ReadonlyMap<number, { readonly at: number; readonly pid: number; readonly fd: number }> =
  new Map([
    [RTM.NEWLINK, { at: 32, pid: 19, fd: 28 }], // struct ifinfomsg; IFLA_NET_NS_PID, IFLA_NET_NS_FD
    [RTM.SETLINK, { at: 32, pid: 19, fd: 28 }],
    [RTM.NEWNSID, { at: 20, pid: 2, fd: 3 }], // struct rtgenmsg; NETNSA_PID, NETNSA_FD
    [RTM.GETNSID, { at: 20, pid: 2, fd: 3 }],
  ]);

const IFLA_LINKINFO = 18;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFINFOMSG = 16; // bytes
const HEADER = 4; // struct nlattr
const TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
const align4 = (length: number): number => (length + 3) & ~3;

/** Changes the datagram in a copy, if there is anything to change. `descriptor` knows our processes. */
export function pidsAsDescriptors(
  datagram: Uint8Array,
  descriptor: (pid: number) => number | undefined,
): Uint8Array {
  let out = datagram;
  const walk = (from: number, to: number, pid: number, fd: number): void => {
    for (let at = from; at + HEADER <= to;) {
      const length = readU16Host(out, at);
      if (length < HEADER || at + length > to) return;
      const type = readU16Host(out, at + 2) & TYPE_MASK;
      if (type === pid && length === HEADER + 4) {
        const found = descriptor(readU32Host(out, at + HEADER));
        if (found !== undefined) {
          if (out === datagram) out = datagram.slice();
          writeU16Host(out, at + 2, fd);
          writeU32Host(out, at + HEADER, found);
        }
      }
      if (type === IFLA_LINKINFO && pid === 19) walkPeer(at + HEADER, at + length, pid, fd);
      at += align4(length);
    }
  };
  /** VETH_INFO_PEER holds a link message of its own. */
  const walkPeer = (from: number, to: number, pid: number, fd: number): void => {
    for (const [data, end] of nested(out, from, to, IFLA_INFO_DATA)) {
      for (const [peer, last] of nested(out, data, end, VETH_INFO_PEER))
        walk(peer + IFINFOMSG, last, pid, fd);
    }
  };
  for (let at = 0; at + 16 <= datagram.length;) {
    const length = readU32Host(datagram, at);
    if (length < 16 || at + length > datagram.length) break;
    const shape = SHAPES.get(readU16Host(datagram, at + 4));
    if (shape) walk(at + shape.at, at + length, shape.pid, shape.fd);
    at += align4(length);
  }
  return out;
}

/** Bounds of the attributes of one type. */
function nested(bytes: Uint8Array, from: number, to: number, wanted: number): [number, number][] {
  const found: [number, number][] = [];
  for (let at = from; at + HEADER <= to;) {
    const length = readU16Host(bytes, at);
    if (length < HEADER || at + length > to) break;
    if ((readU16Host(bytes, at + 2) & TYPE_MASK) === wanted) found.push([at + HEADER, at + length]);
    at += align4(length);
  }
  return found;
}
