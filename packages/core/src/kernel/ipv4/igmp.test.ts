import { describe, expect, test } from "vitest";
import { ipv4MulticastMac } from "../../wire/ipv4-address.ts";
import type { IgmpMessage } from "../../wire/igmp.ts";
import { igmpLength, writeIgmp } from "../../wire/igmp.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Netns } from "../netns.ts";
import { inetDevice } from "./in-device.ts";
import { igmpVersion, joinGroup, leaveGroup } from "./igmp.ts";
import { ipv4Of } from "./namespace.ts";
import { sendDatagram } from "./output.ts";
import { routeOutput } from "./route-output.ts";
import { ip, TestNetwork } from "./testing/network.ts";

const GROUP = ip("239.1.2.3");

function inDeviceOf(network: TestNetwork, netns: Netns) {
  const inDevice = inetDevice.of(network.device(netns, "eth0"));
  if (inDevice === undefined) throw new Error("no IPv4 on eth0");
  return inDevice;
}

/** IP packets of IGMP that A has sent, as hexadecimal text from the IP header on. */
function reports(frames: readonly string[]): string[] {
  return frames
    .filter(
      (frame) =>
        frame.slice(24, 28) === "0800" &&
        frame.slice(46, 48) === "02" &&
        frame.slice(12, 24) === "02000000000a",
    )
    .map((frame) => frame.slice(28));
}

function query(network: TestNetwork, from: Netns, message: IgmpMessage): void {
  const inet = ipv4Of(from);
  const destination = ip("224.0.0.1");
  const oif = network.device(from, "eth0").ifindex;
  const route = routeOutput(inet, { destination, oif, protocol: IpProtocol.IGMP });
  if (typeof route === "number") throw new Error(`errno ${route}`);
  const payload = new Uint8Array(igmpLength(message));
  writeIgmp(message, payload, 0);
  sendDatagram(
    inet,
    route,
    { source: route.source, destination, protocol: IpProtocol.IGMP, ttl: 1 },
    payload,
  );
  network.settle();
}

describe("a host in a multicast group", () => {
  test("listens to its link-layer address and says twice that it has joined (RFC 3376, 5.1)", () => {
    const { network, a } = TestNetwork.pair();
    const cable = network.capture(a, "eth0");
    joinGroup(inDeviceOf(network, a), GROUP);
    expect(network.device(a, "eth0").multicast.has(ipv4MulticastMac(GROUP))).toBe(true);
    network.run(5);
    const sent = reports(cable.hex());
    expect(sent).toHaveLength(2);
    // ihl 6, tos c0, DF, ttl 1, to 224.0.0.22 with a router alert; one record CHANGE_TO_EXCLUDE
    const [first = ""] = sent;
    expect(first.slice(0, 4) + first.slice(12, 20)).toBe("46c040000102");
    expect(first.slice(24, 48)).toBe("0a000001e000001694040000");
    expect(first.slice(48, 52) + first.slice(56)).toBe("22000000000104000000ef010203");
    expect(cable.hex().some((frame) => frame.startsWith("01005e000016"))).toBe(true);
  });

  test("says twice that it has left", () => {
    const { network, a } = TestNetwork.pair();
    joinGroup(inDeviceOf(network, a), GROUP);
    network.run(5);
    const cable = network.capture(a, "eth0");
    expect(leaveGroup(inDeviceOf(network, a), GROUP)).toBe(true);
    expect(leaveGroup(inDeviceOf(network, a), GROUP)).toBe(false);
    network.run(5);
    expect(reports(cable.hex()).map((report) => report.slice(64))).toEqual([
      "03000000ef010203",
      "03000000ef010203",
    ]);
    expect(network.device(a, "eth0").multicast.has(ipv4MulticastMac(GROUP))).toBe(false);
  });

  test("answers a general query once for all groups, and one for its group", () => {
    const { network, a, b } = TestNetwork.pair();
    joinGroup(inDeviceOf(network, a), GROUP);
    joinGroup(inDeviceOf(network, a), GROUP + 1);
    network.run(5);
    const cable = network.capture(a, "eth0");
    const asks = {
      kind: "query-v3",
      maxResponseCode: 10,
      suppress: false,
      robustness: 2,
      queryIntervalCode: 125,
      sources: [],
    } as const;
    query(network, b, { ...asks, group: 0 });
    network.run(3);
    expect(reports(cable.hex()).map((report) => report.slice(64))).toEqual([
      "02000000ef01020402000000ef010203",
    ]);
    cable.clear();
    query(network, b, { ...asks, group: GROUP });
    network.run(3);
    expect(reports(cable.hex()).map((report) => report.slice(64))).toEqual(["02000000ef010203"]);
  });

  test("speaks version 2 while such a querier is about", () => {
    const { network, a, b } = TestNetwork.pair();
    joinGroup(inDeviceOf(network, a), GROUP);
    network.run(5);
    const cable = network.capture(a, "eth0");
    query(network, b, { kind: "query", maxResponseTime: 10, group: 0 });
    expect(igmpVersion(inDeviceOf(network, a))).toBe(2);
    network.run(3);
    const [report = ""] = reports(cable.hex());
    expect(report.slice(32, 40) + report.slice(48, 52) + report.slice(56)).toBe("ef0102031600ef010203");
    network.run(300);
    expect(igmpVersion(inDeviceOf(network, a))).toBe(3);
  });

  test("is shown in /proc/net/igmp", () => {
    const { network, a } = TestNetwork.pair();
    joinGroup(inDeviceOf(network, a), GROUP);
    network.run(5);
    expect(network.kernel.procNet.get("igmp")?.(a)).toBe(
      "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n" +
        "1\tlo        :     1      V3\n" +
        "\t\t\t\t010000E0     1 0:00000000\t\t0\n" +
        "2\teth0      :     2      V3\n" +
        "\t\t\t\t030201EF     1 0:00000000\t\t0\n" +
        "\t\t\t\t010000E0     1 0:00000000\t\t0\n",
    );
  });
});
