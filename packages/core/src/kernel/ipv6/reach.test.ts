import { describe, expect, test } from "vitest";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { changeMtu } from "../device-state.ts";
import { inet6Netns } from "./interface.ts";
import { Hosts, ip6 } from "./testing/hosts.ts";

describe("an echo request over a cable", () => {
  test("asks for the address by a solicitation to the group of the target, then is answered", () => {
    const { hosts, a, b } = Hosts.pair();
    const heard = hosts.listen(a);
    const cable = hosts.network.capture(a, "eth0");
    expect(hosts.ping(a, "2001:db8::2")).toBe(0);
    const frames = cable.hex();
    // neighbour solicitation to ff02::1:ff00:2 with the asker's link address; advertisement with the answerer's
    expect(frames[0]).toBe(
      "3333ff00000202000000000a86dd" +
        "6000000000203aff" +
        "20010db8000000000000000000000001" +
        "ff0200000000000000000001ff000002" +
        "8700" +
        frames[0]?.slice(112, 116) +
        "00000000" +
        "20010db8000000000000000000000002" +
        "010102000000000a",
    );
    expect(frames[1]?.slice(0, 28)).toBe("02000000000a02000000000b86dd");
    expect(frames[1]?.slice(108)).toMatch(/^8800....60000000/);
    expect(frames).toHaveLength(4);
    expect(heard).toMatchObject([{ type: Icmpv6Type.ECHO_REPLY, from: "2001:db8::2", length: 64 }]);
    const { neighbours } = inet6Netns.require(a).stack;
    expect(neighbours.find(hosts.network.device(a, "eth0"), ip6("2001:db8::2"))?.state).toBe(NUD.REACHABLE);
    const back = neighbours.find(hosts.network.device(b, "eth0"), ip6("2001:db8::1"));
    expect(back?.state).toBe(NUD.DELAY);
  });

  test("reaches every node by ff02::1, and a link-local address by its device", () => {
    const { hosts, a } = Hosts.pair();
    const heard = hosts.listen(a);
    hosts.ping(a, "ff02::1", { device: "eth0", hopLimit: 1 });
    // The asker is a member of the group too.
    expect(heard.map(({ from }) => from).sort()).toEqual(["fe80::ff:fe00:a", "fe80::ff:fe00:b"]);
    heard.length = 0;
    hosts.ping(a, "fe80::ff:fe00:b", { device: "eth0" });
    expect(heard).toMatchObject([{ from: "fe80::ff:fe00:b" }]);
  });

  test("to an own address goes over loopback, whatever device has it", () => {
    const { hosts, a } = Hosts.pair();
    const heard = hosts.listen(a);
    for (const own of ["::1", "2001:db8::1", "fe80::ff:fe00:a"]) expect(hosts.ping(a, own)).toBe(0);
    expect(heard.map(({ from }) => from)).toEqual(["::1", "2001:db8::1", "fe80::ff:fe00:a"]);
    expect(hosts.network.device(a, "lo").statistics.txPackets).toBe(6);
  });

  test("to a neighbour that is not there ends in 'address unreachable' after three solicitations", () => {
    const { hosts, a } = Hosts.pair();
    const heard = hosts.listen(a);
    const cable = hosts.network.capture(a, "eth0");
    hosts.ping(a, "2001:db8::99");
    hosts.network.run(4);
    expect(cable.hex().filter((frame) => frame.slice(108, 110) === "87")).toHaveLength(3);
    expect(heard).toMatchObject([{ type: 1, code: 3, from: "2001:db8::1" }]);
  });

  test("without a route is refused", () => {
    const { hosts, a } = Hosts.pair();
    expect(hosts.ping(a, "2001:db8:ffff::1")).toBe(101);
  });

  test("that is longer than the link is cut and put together again, both ways", () => {
    const { hosts, a, b } = Hosts.pair();
    const heard = hosts.listen(a);
    hosts.ping(a, "2001:db8::2", { size: 5000 });
    expect(heard).toMatchObject([{ type: Icmpv6Type.ECHO_REPLY, length: 5008 }]);
    const { ip } = inet6Netns.require(b).mib;
    expect([ip.reasmReqds, ip.reasmOks, ip.fragOks, ip.fragCreates]).toEqual([4, 1, 1, 4]);
    expect(hosts.ping(a, "2001:db8::2", { size: 5000, mayFragment: false })).toBe(90);
  });
});

describe("a router", () => {
  test("forwards with a hop limit that is one less", () => {
    const { hosts, a, router, b } = Hosts.routed();
    const heard = hosts.listen(a);
    const far = hosts.network.capture(b, "eth0");
    hosts.ping(a, "2001:db8:b::1", { hopLimit: 7 });
    expect(heard).toMatchObject([{ type: Icmpv6Type.ECHO_REPLY, from: "2001:db8:b::1" }]);
    const request = far.hex().find((frame) => frame.slice(108, 110) === "80");
    expect(request?.slice(28, 44)).toBe("6000000000403a06");
    expect(inet6Netns.require(router).mib.ip.outForwDatagrams).toBe(2);
  });

  test("answers for a hop limit that ran out, from the address of the side that it came in by", () => {
    const { hosts, a } = Hosts.routed();
    const heard = hosts.listen(a);
    hosts.ping(a, "2001:db8:b::1", { hopLimit: 1 });
    expect(heard).toMatchObject([{ type: Icmpv6Type.TIME_EXCEEDED, code: 0, from: "2001:db8:a::ffff" }]);
  });

  test("tells of missing and of refusing routes", () => {
    const { hosts, a, router } = Hosts.routed();
    hosts.network.expectOk(hosts.route(router, "2001:db8:d::/48", { type: 8 }));
    hosts.network.expectOk(hosts.route(router, "2001:db8:e::/48", { type: 6 }));
    const heard = hosts.listen(a);
    for (const to of ["2001:db8:c::1", "2001:db8:d::1", "2001:db8:e::1"]) hosts.ping(a, to);
    expect(heard.map(({ type, code }) => [type, code])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  test("tells the sender of a smaller MTU, who learns it for ten minutes", () => {
    const { hosts, a, router, b } = Hosts.routed();
    changeMtu(hosts.network.device(router, "eth2"), 1300);
    changeMtu(hosts.network.device(b, "eth0"), 1300);
    const heard = hosts.listen(a);
    hosts.ping(a, "2001:db8:b::1", { size: 1400 });
    expect(heard).toMatchObject([
      { type: Icmpv6Type.PACKET_TOO_BIG, parameter: 1300, from: "2001:db8:a::ffff" },
    ]);
    heard.length = 0;
    const far = hosts.network.capture(b, "eth0");
    hosts.ping(a, "2001:db8:b::1", { size: 1400 });
    expect(far.hex().filter((frame) => frame.slice(40, 42) === "2c")).not.toHaveLength(0);
    expect(heard).toMatchObject([{ type: Icmpv6Type.ECHO_REPLY, length: 1408 }]);
    hosts.network.run(640);
    heard.length = 0;
    hosts.ping(a, "2001:db8:b::1", { size: 1400 });
    expect(heard).toMatchObject([{ type: Icmpv6Type.PACKET_TOO_BIG }]);
  });

  test("sends six errors at once to a destination, then one a second", () => {
    const { hosts, a } = Hosts.routed();
    const heard = hosts.listen(a);
    hosts.network.run(60);
    for (let i = 0; i < 10; i++) hosts.ping(a, "2001:db8:b::1", { hopLimit: 1 });
    // The route back is a /64: the limit is a quarter of a second there.
    const burst = heard.length;
    expect(burst).toBe(6);
    hosts.network.run(0.26);
    hosts.ping(a, "2001:db8:b::1", { hopLimit: 1 });
    expect(heard).toHaveLength(7);
  });

  test("tells a host of a better first hop on the same link", () => {
    const { hosts, a, router } = Hosts.routed();
    // 2001:db8:f::/64 is on the host's own link, but only the router knows.
    hosts.network.expectOk(hosts.route(router, "2001:db8:f::/64 dev eth1"));
    // RFC 4861, 8.1: only the first hop may redirect, and it does so from its link-local address.
    hosts.network.expectOk(hosts.route(a, "2001:db8:f::/48 via fe80::ff:fe00:1a dev eth0"));
    const cable = hosts.network.capture(a, "eth0");
    hosts.ping(a, "2001:db8:f::9");
    const redirect = cable.hex().find((frame) => frame.slice(108, 110) === "89");
    expect(redirect?.slice(124, 188)).toBe(
      "20010db8000f0000000000000000000920010db8000f00000000000000000009",
    );
    const namespace = inet6Netns.require(a);
    const route = namespace.tables.main.node(ip6("2001:db8:f::"), 48)?.routes[0];
    expect(route?.exceptions?.get(ip6("2001:db8:f::9"))).toMatchObject({
      gateway: undefined,
      redirected: true,
    });
  });

  test("that does not forward drops what is for others", () => {
    const { hosts, a, router } = Hosts.routed();
    inet6Netns.require(router).all.forwarding = 0;
    const heard = hosts.listen(a);
    hosts.ping(a, "2001:db8:b::1");
    expect(heard).toEqual([]);
    expect(inet6Netns.require(router).mib.ip.inAddrErrors).toBe(1);
  });
});

describe("a group that the sender is in", () => {
  test("is heard by the sender too, and seen on the cable once", () => {
    const { hosts, a } = Hosts.pair();
    const heard = hosts.listen(a);
    const cable = hosts.network.capture(a, "eth0");
    hosts.ping(a, "ff02::1", { device: "eth0", hopLimit: 1 });
    expect(cable.hex().filter((frame) => frame.slice(108, 110) === "80")).toHaveLength(1);
    expect(heard).toHaveLength(2);
  });
});
