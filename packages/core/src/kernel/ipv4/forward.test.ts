import { describe, expect, test } from "vitest";
import { IcmpType } from "../../wire/icmpv4.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { ipv4Bytes } from "./address-message.ts";
import { ipv4Of } from "./namespace.ts";
import type { EchoedOptions } from "./options.ts";
import { compileOptions, IpOptions } from "./options.ts";
import { PMTUDISC } from "./output.ts";
import { routeOutput } from "./route-output.ts";
import { EMSGSIZE, icmpSeen, ping } from "./testing/icmp.ts";
import { ip, TestNetwork } from "./testing/network.ts";

const UNREACHABLE = IcmpType.DESTINATION_UNREACHABLE;

describe("a router", () => {
  test("sends packets on with one less to live", () => {
    const { network, c1, c2 } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    const cable = network.capture(c2, "eth0");
    ping(c1, "10.2.0.2");
    network.settle();
    expect(seen).toMatchObject([{ type: IcmpType.ECHO_REPLY, from: ip("10.2.0.2") }]);
    const request = cable
      .hex()
      .find((frame) => frame.startsWith("020000000021020000000022") && frame.slice(24, 28) === "0800");
    expect(request?.slice(28)).toBe("4500001c000040003f0127db0a0100020a0200020800e5ca12340001");
  });

  test("tells when the time to live has run out, from the address that faces the sender", () => {
    const { network, c1 } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    ping(c1, "10.2.0.2", { ttl: 1 });
    network.settle();
    expect(seen).toMatchObject([{ type: IcmpType.TIME_EXCEEDED, code: 0, from: ip("10.1.0.1"), length: 56 }]);
  });

  test("says what kind of route refuses", () => {
    const { network, c1, r } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    const types = {
      "10.50.0.0": RTN.UNREACHABLE,
      "10.51.0.0": RTN.PROHIBIT,
      "10.52.0.0": RTN.BLACKHOLE,
      "10.53.0.0": RTN.THROW,
    };
    for (const [prefix, type] of Object.entries(types)) {
      network.expectOk(network.addRoute(r, { dst: ipv4Bytes(ip(prefix)), dstLen: 24, type, scope: 0 }));
      ping(c1, prefix.replace(/0$/, "1"));
      network.run(3); // an error takes two tokens of one bucket
    }
    ping(c1, "10.99.0.1");
    network.settle();
    expect(seen.map(({ type, code }) => [type, code])).toEqual([
      [UNREACHABLE, 1],
      [UNREACHABLE, 13],
      [UNREACHABLE, 0],
      [UNREACHABLE, 0],
    ]);
  });

  test("tells nobody while it does not forward", () => {
    const { network, c1, r } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    network.setting(r, "net/ipv4/ip_forward", "0");
    ping(c1, "10.2.0.2");
    network.settle();
    expect(seen).toEqual([]);
    expect(ipv4Of(r).ip.inAddrErrors).toBe(1);
  });

  test("sends six errors at once to one host, then one a second", () => {
    const { network, c1, r } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    for (let i = 0; i < 10; i++) {
      ping(c1, "10.2.0.2", { ttl: 1 });
      network.run(0.1);
    }
    expect(seen).toHaveLength(6);
    expect(ipv4Of(r).icmp.outRateLimitHost).toBe(4);
    for (let i = 0; i < 5; i++) {
      ping(c1, "10.2.0.2", { ttl: 1 });
      network.run(1);
    }
    expect(seen.length).toBeGreaterThanOrEqual(10);
    expect(seen.length).toBeLessThanOrEqual(11);
  });

  test("says how large packets may be; the sender keeps to it for ten minutes", () => {
    const { network, c1, r, c2 } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    network.device(r, "to2").mtu = 1400;
    network.device(c2, "eth0").mtu = 1400;
    const payload = new Uint8Array(1472);
    expect(ping(c1, "10.2.0.2", { discovery: PMTUDISC.DO }, payload)).toBe(0);
    network.settle();
    expect(seen).toMatchObject([{ type: UNREACHABLE, code: 4, from: ip("10.1.0.1"), word: 1400 }]);
    expect(ping(c1, "10.2.0.2", { discovery: PMTUDISC.DO }, payload)).toBe(EMSGSIZE);
    const inet = ipv4Of(c1);
    const pathMtu = (): number => {
      const route = routeOutput(inet, { destination: ip("10.2.0.2") });
      return typeof route === "number" ? -route : route.mtu(network.kernel.clock.now, false, true);
    };
    expect(pathMtu()).toBe(1400);
    // What may be fragmented is.
    expect(ping(c1, "10.2.0.2", { discovery: PMTUDISC.DONT }, payload)).toBe(0);
    network.settle();
    expect(seen.at(-1)).toMatchObject({ type: IcmpType.ECHO_REPLY, length: 1500 });
    network.run(601);
    expect(pathMtu()).toBe(1500);
  });

  test("redirects a host to a neighbour on its own link, which the host then asks itself", () => {
    const { network, c1, r } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    const gateway = ipv4Bytes(ip("10.1.0.1"));
    network.expectOk(network.addRoute(c1, { dst: ipv4Bytes(ip("10.1.0.128")), dstLen: 25, gateway }));
    ping(c1, "10.1.0.200");
    network.settle();
    expect(seen).toMatchObject([
      { type: IcmpType.REDIRECT, code: 1, from: ip("10.1.0.1"), word: ip("10.1.0.200") },
    ]);
    expect(ipv4Of(r).icmp.outTypes.get(IcmpType.REDIRECT)).toBe(1);
    // It is taken up once the new gateway has answered.
    network.expectOk(network.addAddress(r, "to1", "10.1.0.200/32"));
    network.run(2);
    ping(c1, "10.1.0.201");
    network.run(2);
    ping(c1, "10.1.0.200");
    network.run(1);
    const route = routeOutput(ipv4Of(c1), { destination: ip("10.1.0.200") });
    expect(typeof route === "object" && route.nextHopFor(ip("10.1.0.200"))).toBe(ip("10.1.0.1"));
  });

  test("records its addresses in a record-route option (RFC 791, 3.1)", () => {
    const { network, c1, c2 } = TestNetwork.routed();
    const recorded: string[] = [];
    ipv4Of(c1).stack.rawReceivers.push({
      receive(packet) {
        if (packet.device.netns !== c1) return false;
        const { bytes, start } = packet;
        for (let at = start + 23; at < start + 20 + 39; at += 4) {
          recorded.push([...bytes.slice(at, at + 4)].join("."));
        }
        return true;
      },
    });
    const bytes = new Uint8Array(40);
    bytes.set([7, 39, 4]);
    const header = new Uint8Array(60);
    header.set(bytes, 20);
    const options = compileOptions(header, 0, 60, {
      received: false,
      ownAddress: () => 0,
      isOwn: () => false,
      timestamp: () => 0,
    });
    if (!(options instanceof IpOptions)) throw new Error(`byte ${options} is wrong`);
    const echoed: EchoedOptions = { bytes: header.slice(20), options };
    expect(ping(c1, "10.2.0.2", { options: echoed })).toBe(0);
    network.settle();
    expect(c2).toBeDefined();
    expect(recorded.slice(0, 6)).toEqual([
      "10.1.0.2",
      "10.2.0.1",
      "10.2.0.2",
      "10.2.0.2",
      "10.1.0.1",
      "10.1.0.2",
    ]);
  });

  test("drops what comes by the wrong way with rp_filter (RFC 3704)", () => {
    const { network, c1, r, c2 } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    network.expectOk(network.addAddress(c2, "lo", "10.77.0.1/32"));
    ping(c2, "10.1.0.2"); // so that neighbours know each other
    network.settle();
    network.setting(r, "net/ipv4/conf/all/rp_filter", "1");
    seen.length = 0;
    ping(c2, "10.1.0.2", { source: ip("10.77.0.1") });
    network.settle();
    expect(seen).toEqual([]);
    expect(ipv4Of(r).extended.ipReversePathFilter).toBe(1);
    network.setting(r, "net/ipv4/conf/all/rp_filter", "0");
    ping(c2, "10.1.0.2", { source: ip("10.77.0.1") });
    network.settle();
    expect(seen[0]).toMatchObject({ type: IcmpType.ECHO_REQUEST, from: ip("10.77.0.1") });
  });
});
