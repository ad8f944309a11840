import { describe, expect, test } from "vitest";
import { formatIpv6, IPV6_ANY, IPV6_ALL_NODES } from "../../wire/ipv6-address.ts";
import { decodeMld } from "../../wire/mld.ts";
import type { MldMessage } from "../../wire/mld.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Netns } from "../netns.ts";
import { sendMld } from "./link-send.ts";
import { joinGroup, leaveGroup } from "./mcast.ts";
import { Hosts, ip6 } from "./testing/hosts.ts";

/** MLD messages that a host sends, as "kind group:type ...". */
function sentBy(hosts: Hosts, netns: Netns): { readonly seen: () => string[]; clear(): void } {
  const cable = hosts.network.capture(netns, "eth0");
  const own = "02000000000a";
  const text = (frame: string): string[] => {
    const bytes = Uint8Array.from({ length: frame.length / 2 }, (_, i) =>
      Number.parseInt(frame.slice(2 * i, 2 * i + 2), 16),
    );
    // Ethernet, IPv6, hop-by-hop with the router alert
    const message =
      frame.slice(12, 24) === own && bytes[20] === 0 ? decodeMld(bytes, 62, bytes.length) : undefined;
    if (message === undefined || isMalformed(message)) return [];
    if (message.kind === "report-v2") {
      return [message.records.map(({ type, group }) => `${formatIpv6(group)}:${type}`).join(" ")];
    }
    return [`${message.kind} ${formatIpv6(message.group)}`];
  };
  return { seen: () => cable.hex().flatMap(text), clear: () => cable.clear() };
}

const GROUP = ip6("ff05::1234");

function query(hosts: Hosts, from: Netns, message: MldMessage): void {
  sendMld(hosts.owner(from, "eth0"), ip6("fe80::ff:fe00:b"), IPV6_ALL_NODES, message);
  hosts.network.settle();
}

describe("a member of groups", () => {
  test("tells twice of joining and twice of leaving (RFC 3810, 6.1)", () => {
    const { hosts, a } = Hosts.pair();
    const sent = sentBy(hosts, a);
    joinGroup(hosts.owner(a, "eth0"), GROUP);
    hosts.network.run(2);
    expect(sent.seen()).toEqual(["ff05::1234:4", "ff05::1234:4"]);
    sent.clear();
    leaveGroup(hosts.owner(a, "eth0"), GROUP);
    hosts.network.run(2);
    expect(sent.seen()).toEqual(["ff05::1234:3", "ff05::1234:3"]);
  });

  test("answers a general query with one report of all groups but all-nodes", () => {
    const { hosts, a, b } = Hosts.pair();
    joinGroup(hosts.owner(a, "eth0"), GROUP);
    hosts.network.run(3);
    const sent = sentBy(hosts, a);
    query(hosts, b, {
      kind: "query-v2",
      maxResponseCode: 1000,
      group: IPV6_ANY,
      suppress: false,
      robustness: 2,
      queryIntervalCode: 125,
      sources: [],
    });
    hosts.network.run(1.1);
    expect(sent.seen()).toEqual(["ff05::1234:2 ff02::1:ff00:1:2 ff02::1:ff00:a:2"]);
  });

  test("speaks version 1 once a version 1 querier is heard (RFC 3810, 8.2.1)", () => {
    const { hosts, a, b } = Hosts.pair();
    const sent = sentBy(hosts, a);
    query(hosts, b, { kind: "query", maxResponseDelay: 500, group: IPV6_ANY });
    hosts.network.run(1);
    expect(sent.seen().sort()).toEqual(["report ff02::1:ff00:1", "report ff02::1:ff00:a"]);
    sent.clear();
    joinGroup(hosts.owner(a, "eth0"), GROUP);
    leaveGroup(hosts.owner(a, "eth0"), GROUP);
    hosts.network.run(1);
    expect(sent.seen()).toEqual(["report ff05::1234", "done ff05::1234"]);
  });

  test("does not answer a query that came through a router", () => {
    const { hosts, a, b } = Hosts.pair();
    const sent = sentBy(hosts, a);
    sendMld(hosts.owner(b, "eth0"), ip6("2001:db8::2"), IPV6_ALL_NODES, {
      kind: "query",
      maxResponseDelay: 100,
      group: IPV6_ANY,
    });
    hosts.network.run(2);
    expect(sent.seen()).toEqual([]);
  });
});
