import { describe, expect, test } from "vitest";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { ndLength, writeNd } from "../../wire/ndisc.ts";
import type { NdMessage, RouterAdvertisement } from "../../wire/ndisc.ts";
import { changeAddress } from "../device-state.ts";
import type { Netns } from "../netns.ts";
import { Packet } from "../packet.ts";
import { inet6Netns } from "./interface.ts";
import { sendOnLink, writeHeader } from "./output.ts";
import { Hosts, ip6 } from "./testing/hosts.ts";

/** Addresses with their flags beside PERMANENT. */
function shown(hosts: Hosts, netns: Netns, name = "eth0"): string[] {
  return hosts.addresses(netns, name).map(({ address, prefixlen, ifaFlags = 0 }) => {
    const names = Object.entries(IFA_F).flatMap(([flag, bit]) =>
      (ifaFlags & bit) !== 0 && flag !== "PERMANENT" ? [flag.toLowerCase()] : [],
    );
    const text = address === undefined ? "?" : formatIpv6(readIpv6Address(address, 0));
    return [`${text}/${prefixlen}`, ...names].join(" ");
  });
}

/** Sends a neighbour discovery message from a namespace. */
function sendNdAs(hosts: Hosts, netns: Netns, from: string, to: string, message: NdMessage): void {
  const device = hosts.network.device(netns, "eth0");
  const [source, destination] = [ip6(from), ip6(to)];
  const length = ndLength(message);
  const packet = Packet.allocate(device, length);
  writeNd(
    message,
    packet.bytes,
    packet.start,
    pseudoHeaderSumV6(source, destination, IpProtocol.ICMPV6, length),
  );
  const nextHeader = IpProtocol.ICMPV6;
  writeHeader(packet, { trafficClass: 0, flowLabel: 0, nextHeader, hopLimit: 255, source, destination });
  sendOnLink(inet6Netns.require(netns), device, destination, packet);
  hosts.network.settle();
}

const ADVERTISEMENT: RouterAdvertisement = {
  kind: "router-advertisement",
  hopLimit: 61,
  managed: false,
  otherConfig: false,
  preference: "high",
  lifetime: 1800,
  reachableTime: 0,
  retransTimer: 0,
  options: [
    {
      kind: "prefix",
      prefix: ip6("2001:db8:5::"),
      length: 64,
      onLink: true,
      autonomous: true,
      validLifetime: 7200,
      preferredLifetime: 3600,
    },
    { kind: "mtu", mtu: 1400 },
  ],
};

describe("a link-local address", () => {
  test("comes with carrier, stays tentative for one to two seconds, and is proven by one solicitation", () => {
    const hosts = new Hosts();
    const [a, b] = [hosts.host(), hosts.host()];
    hosts.network.cable(a, "eth0", 0x0a, b, "eth0", 0x0b);
    hosts.network.up(a, "eth0");
    hosts.network.run(2);
    expect(shown(hosts, a)).toEqual([]);
    const cable = hosts.network.capture(a, "eth0");
    hosts.network.up(b, "eth0");
    hosts.network.run(0.9);
    expect(shown(hosts, a)).toEqual(["fe80::ff:fe00:a/64 tentative"]);
    expect(hosts.routes(a, 255).filter((route) => route.startsWith("fe80"))).toEqual([]);
    hosts.network.run(2.1);
    expect(shown(hosts, a)).toEqual(["fe80::ff:fe00:a/64"]);
    expect(hosts.routes(a, 255)).toContain("fe80::ff:fe00:a/128 dev eth0 metric 0");
    // Solicitations of detection come from :: and have a nonce.
    const own = cable.hex().filter((frame) => frame.slice(12, 24) === "02000000000a");
    expect(own.some((frame) => /^.{44}0{32}.{32}87.{46}0e01/.test(frame))).toBe(true);
  });

  test("needs no detection with accept_dad 0", () => {
    const hosts = new Hosts();
    const [a, b] = [hosts.host(), hosts.host()];
    hosts.network.cable(a, "eth0", 0x0a, b, "eth0", 0x0b);
    hosts.owner(a, "eth0").configuration.accept_dad = 0;
    hosts.network.up(b, "eth0");
    hosts.network.up(a, "eth0");
    hosts.network.run(1.1);
    expect(shown(hosts, a)).toEqual(["fe80::ff:fe00:a/64"]);
  });

  test("is refused when both ends have the same; with accept_dad 2 the device stops speaking IPv6", () => {
    const hosts = new Hosts();
    const [a, b] = [hosts.host(), hosts.host()];
    hosts.network.cable(a, "eth0", 0x0a, b, "eth0", 0x0b);
    hosts.network.up(b, "eth0");
    hosts.owner(a, "eth0").configuration.accept_dad = 2;
    changeAddress(hosts.network.device(a, "eth0"), 0x02_00_00_00_00_0b);
    hosts.owner(b, "eth0").configuration.accept_dad = 0;
    hosts.network.up(a, "eth0");
    hosts.network.run(4);
    expect(shown(hosts, b)).toEqual(["fe80::ff:fe00:b/64"]);
    expect(shown(hosts, a)).toEqual([]);
    expect(hosts.owner(a, "eth0").configuration.disable_ipv6).toBe(1);
  });
});

describe("an address", () => {
  test("that a neighbour has fails and stays tentative", () => {
    const { hosts, a } = Hosts.pair();
    hosts.network.expectOk(hosts.addAddress(a, "eth0", "2001:db8::2/64"));
    hosts.network.run(3);
    expect(shown(hosts, a)[0]).toBe("2001:db8::2/64 dadfailed tentative");
  });

  test("is listed before older ones of its scope, and after wider scopes", () => {
    const { hosts, a } = Hosts.pair();
    hosts.network.expectOk(hosts.addAddress(a, "eth0", "2001:db8::5/64"));
    hosts.network.expectOk(hosts.addAddress(a, "eth0", "fe80::5/64"));
    expect(shown(hosts, a).map((text) => text.split(" ")[0])).toEqual([
      "2001:db8::5/64",
      "2001:db8::1/64",
      "fe80::5/64",
      "fe80::ff:fe00:a/64",
    ]);
  });

  test("goes with its routes when the device goes down, and does not come back", () => {
    const { hosts, a } = Hosts.pair();
    hosts.network.up(a, "eth0", false);
    expect(shown(hosts, a)).toEqual([]);
    expect(hosts.routes(a)).toEqual(["::1/128 dev lo metric 0"]);
    hosts.network.up(a, "eth0");
    hosts.network.run(4);
    expect(shown(hosts, a)).toEqual(["fe80::ff:fe00:a/64"]);
  });

  test("of a lifetime is deprecated, then gone", () => {
    const { hosts, a } = Hosts.pair();
    const cacheinfo = { preferred: 2, valid: 5, cstamp: 0, tstamp: 0 };
    hosts.network.expectOk(hosts.addAddress(a, "eth0", "2001:db8::7/64", { cacheinfo }));
    hosts.network.run(3.5);
    expect(shown(hosts, a)[0]).toBe("2001:db8::7/64 deprecated");
    hosts.network.run(3);
    expect(shown(hosts, a)[0]).toBe("2001:db8::1/64");
  });

  test("is refused with the errno of Linux, and its text where the kernel has one", () => {
    const refusal = (profile: "linux-6.1" | "linux-6.18", text: string): unknown => {
      const { hosts, a } = Hosts.pair(profile);
      const result = hosts.addAddress(a, "eth0", text);
      return result.ok ? undefined : { errno: result.errno, text: result.extack.message };
    };
    expect(refusal("linux-6.1", "2001:db8::1/64")).toEqual({ errno: 17, text: undefined });
    expect(refusal("linux-6.18", "2001:db8::1/64")).toEqual({
      errno: 17,
      text: "ipv6: address already assigned",
    });
    expect(refusal("linux-6.1", "ff02::1/64")).toEqual({ errno: 99, text: undefined });
    expect(refusal("linux-6.18", "::1/128")).toEqual({
      errno: 99,
      text: "ipv6: Cannot assign loopback address on this device",
    });
  });
});

describe("a router advertisement", () => {
  test("gives a default route, a prefix, an address, hop limit and MTU", () => {
    const { hosts, a, b } = Hosts.pair();
    sendNdAs(hosts, b, "fe80::ff:fe00:b", "ff02::1", ADVERTISEMENT);
    hosts.network.run(3);
    expect(shown(hosts, a)).toContain("2001:db8:5:0:ff:fe00:a/64 managetempaddr".replace(":0:", "::"));
    expect(hosts.routes(a, 254)).toEqual([
      "2001:db8::/64 dev eth0 metric 256",
      "2001:db8:5::/64 dev eth0 metric 256",
      "fe80::/64 dev eth0 metric 256",
      "::/0 via fe80::ff:fe00:b dev eth0 metric 1024",
    ]);
    expect(hosts.owner(a, "eth0").configuration).toMatchObject({ hop_limit: 61, mtu: 1400 });
  });

  test("with lifetime 0 takes the default route back", () => {
    const { hosts, a, b } = Hosts.pair();
    sendNdAs(hosts, b, "fe80::ff:fe00:b", "ff02::1", ADVERTISEMENT);
    sendNdAs(hosts, b, "fe80::ff:fe00:b", "ff02::1", { ...ADVERTISEMENT, lifetime: 0 });
    expect(hosts.routes(a, 254).filter((route) => route.startsWith("::/0"))).toEqual([]);
  });

  test("is not followed by routers", () => {
    const { hosts, a, b } = Hosts.pair();
    hosts.owner(a, "eth0").configuration.forwarding = 1;
    sendNdAs(hosts, b, "fe80::ff:fe00:b", "ff02::1", ADVERTISEMENT);
    expect(hosts.routes(a, 254).filter((route) => route.startsWith("::/0"))).toEqual([]);
  });

  test("ends the routes that it brought when their time is over", () => {
    const { hosts, a, b } = Hosts.pair();
    sendNdAs(hosts, b, "fe80::ff:fe00:b", "ff02::1", { ...ADVERTISEMENT, lifetime: 10, options: [] });
    expect(hosts.ping(a, "2001:db8:9::1")).toBe(0);
    hosts.network.run(11);
    expect(hosts.ping(a, "2001:db8:9::1")).toBe(101);
    hosts.network.run(31);
    expect(hosts.routes(a, 254).filter((route) => route.startsWith("::/0"))).toEqual([]);
  });
});

describe("reports of groups", () => {
  test("two when the solicited-node group is joined, two more once the link-local address is proven", () => {
    const hosts = new Hosts();
    const [a, b] = [hosts.host(), hosts.host()];
    hosts.network.cable(a, "eth0", 0x0a, b, "eth0", 0x0b);
    hosts.network.up(b, "eth0");
    const cable = hosts.network.capture(b, "eth0");
    hosts.network.up(a, "eth0");
    hosts.network.run(5);
    const reports = cable
      .hex()
      .filter((frame) => frame.slice(12, 24) === "02000000000a" && frame.slice(124, 126) === "8f");
    // MLDv2 report, one record: change to exclude, ff02::1:ff00:a
    const record = "0000000104000000ff0200000000000000000001ff00000a";
    expect(reports.map((frame) => frame.slice(132))).toEqual([record, record, record, record]);
    expect(reports.map((frame) => formatIpv6(readIpv6Address(hexBytes(frame), 22)))).toEqual([
      "::",
      expect.stringMatching(/^(::|fe80::ff:fe00:a)$/),
      "fe80::ff:fe00:a",
      "fe80::ff:fe00:a",
    ]);
  });
});

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}
