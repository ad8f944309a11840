import { describe, expect, test } from "vitest";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { ipv4Of } from "./namespace.ts";
import { PMTUDISC } from "./output.ts";
import { icmpSeen, ping } from "./testing/icmp.ts";
import { ip, TestNetwork } from "./testing/network.ts";

describe("an echo request over a cable", () => {
  test("asks for the address, then is answered; states follow", () => {
    const { network, a, b } = TestNetwork.pair();
    const seen = icmpSeen(a);
    const cable = network.capture(a, "eth0");
    expect(ping(a, "10.0.0.2")).toBe(0);
    network.settle();
    expect(cable.hex().filter((frame) => frame.slice(24, 28) === "0806")).toEqual([
      "ffffffffffff02000000000a0806000108000604000102000000000a0a0000010000000000000a000002",
      "02000000000a02000000000b0806000108000604000202000000000b0a00000202000000000a0a000001",
    ]);
    const packets = cable.hex().filter((frame) => frame.slice(24, 28) === "0800");
    expect(packets[0]).toBe(
      "02000000000b02000000000a08004500001c000040004001 26df0a0000010a0000020800e5ca12340001".replace(
        " ",
        "",
      ),
    );
    expect(packets[1]?.slice(0, 36)).toBe("02000000000a02000000000b08004500001c");
    expect(packets[1]?.slice(52)).toBe("0a0000020a0000010000edca12340001");
    expect(seen).toMatchObject([{ type: 0, code: 0, from: ip("10.0.0.2"), length: 28 }]);
    const { arp } = ipv4Of(a).stack;
    expect(arp.find(network.device(a, "eth0"), ip("10.0.0.2"))?.state).toBe(NUD.REACHABLE);
    expect(arp.find(network.device(b, "eth0"), ip("10.0.0.1"))?.state).toBe(NUD.DELAY);
    network.run(8);
    // Delayed, then probed by unicast and answered.
    expect(arp.find(network.device(b, "eth0"), ip("10.0.0.1"))?.state).toBe(NUD.REACHABLE);
    network.run(120);
    expect(arp.find(network.device(b, "eth0"), ip("10.0.0.1"))?.state).toBe(NUD.STALE);
  });

  test("to oneself stays on the loopback device", () => {
    const { network, a } = TestNetwork.pair();
    const seen = icmpSeen(a);
    const cable = network.capture(a, "eth0");
    expect(ping(a, "10.0.0.1")).toBe(0);
    expect(ping(a, "127.0.0.1")).toBe(0);
    network.settle();
    expect(cable.hex().filter((frame) => frame.slice(24, 27) === "080")).toEqual([]);
    expect(seen.map(({ type, from }) => [type, from])).toEqual([
      [8, ip("10.0.0.1")],
      [8, ip("127.0.0.1")],
      [0, ip("10.0.0.1")],
      [0, ip("127.0.0.1")],
    ]);
  });

  test("to a host that is not there: three requests, then host unreachable from oneself", () => {
    const { network, a } = TestNetwork.pair();
    const seen = icmpSeen(a);
    const cable = network.capture(a, "eth0");
    expect(ping(a, "10.0.0.9")).toBe(0);
    network.run(2.5);
    expect(cable.hex().filter((frame) => frame.slice(24, 28) === "0806")).toHaveLength(3);
    expect(seen).toEqual([]);
    network.run(1);
    expect(seen).toMatchObject([{ type: 3, code: 1, from: ip("10.0.0.1"), length: 20 + 8 + 28 }]);
    expect(ipv4Of(a).stack.arp.find(network.device(a, "eth0"), ip("10.0.0.9"))?.state).toBe(NUD.FAILED);
  });

  test("without a route is refused", () => {
    const { a } = TestNetwork.pair();
    expect(ping(a, "192.0.2.1")).toBe(101);
  });

  test("larger than the MTU goes as fragments and comes back as fragments", () => {
    const { network, a } = TestNetwork.pair();
    const seen = icmpSeen(a);
    const cable = network.capture(a, "eth0");
    const payload = Uint8Array.from({ length: 4000 }, (_, index) => index & 0xff);
    expect(ping(a, "10.0.0.2", {}, payload)).toBe(0);
    network.settle();
    const fragments = cable
      .hex()
      .filter((frame) => frame.slice(24, 28) === "0800" && frame.startsWith("02000000000b"))
      .map((frame) => ({ length: frame.length / 2 - 14, field: frame.slice(40, 44) }));
    expect(fragments).toEqual([
      { length: 1500, field: "2000" },
      { length: 1500, field: "20b9" },
      { length: 20 + 4008 - 2960, field: "0172" },
    ]);
    expect(seen).toMatchObject([{ type: 0, code: 0, from: ip("10.0.0.2"), length: 4028 }]);
    expect(ping(a, "10.0.0.2", { discovery: PMTUDISC.DO }, payload)).toBe(90);
    expect(ping(a, "10.0.0.2", {}, new Uint8Array(65508))).toBe(90);
  });
});
