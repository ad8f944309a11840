// Files as Linux 6.18 wrote them for `ip addr add 10.0.0.254/24 dev br0` and `ip route add default via 10.0.0.1`.

import { expect, test } from "vitest";
import { ERRNO } from "../../../netlink/errno.ts";
import { parseIpv4 } from "../../../wire/ipv4-address.ts";
import { parseMac } from "../../../wire/mac.ts";
import { nextHopAddress } from "./next-hop.ts";

const HEADING = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const DEFAULT = "br0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0";
const LINK = "br0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";
const ARP = [
  "IP address       HW type     Flags       HW address            Mask     Device",
  "10.0.0.1         0x1         0x2         02:00:00:00:00:99     *        eth7",
  "10.0.0.1         0x1         0x2         02:00:00:00:00:03     *        br0",
  "10.0.0.9         0x1         0x0         00:00:00:00:00:00     *        br0",
];
const MAC = parseMac("02:00:00:00:00:03");

function lookUp(routes: readonly string[], to: string): unknown {
  const files = new Map([
    ["/proc/net/route", [HEADING, ...routes]],
    ["/proc/net/arp", ARP],
  ]);
  const readFile = (path: string) => new TextEncoder().encode(`${files.get(path)?.join("\n") ?? ""}\n`);
  return nextHopAddress({ readFile }, parseIpv4(to) ?? 0);
}

test("is the controller itself on its own link, a gateway behind it, and of the first route that leads there", () => {
  expect(lookUp([DEFAULT, LINK], "20.0.0.1")).toEqual({ mac: MAC });
  expect(lookUp([LINK], "10.0.0.1")).toEqual({ mac: MAC });
  expect(lookUp([DEFAULT, LINK], "10.0.0.9")).toEqual({ mac: MAC });
  expect(lookUp([LINK, DEFAULT], "10.0.0.9")).toEqual({ mac: 0 });
});

test("that nobody has resolved is not known, and without a route there is none", () => {
  expect(lookUp([LINK], "10.0.0.77")).toEqual({ mac: 0 });
  expect(lookUp([LINK], "20.0.0.1")).toEqual({ errno: ERRNO.ENXIO });
  expect(lookUp([DEFAULT.replace("\t0003\t", "\t0002\t")], "20.0.0.1")).toEqual({ errno: ERRNO.ENXIO });
});
