import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FR_ACT, RT_TABLE, RTN } from "../../../netlink/rtnl/route-constants.ts";
import { encodeRule } from "../../../netlink/rtnl/rule.ts";
import { NLM_F } from "../../../netlink/message.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { ipv4InPrefix, ipv4Network } from "../../../wire/ipv4-address.ts";
import { ipv4Bytes } from "../address-message.ts";
import { ipv4Of } from "../namespace.ts";
import { ip, TestNetwork } from "../testing/network.ts";
import { FibInfo, Nexthop } from "./nexthop.ts";
import type { FibAlias } from "./table.ts";
import { FibTable } from "./table.ts";
import { flowTo } from "./tables.ts";

function alias(table: FibTable, prefix: number, length: number, priority = 0): FibAlias {
  const info = new FibInfo({
    protocol: 3,
    scope: 0,
    type: RTN.UNICAST,
    preferredSource: 0,
    priority,
    tableId: table.id,
    flags: 0,
  });
  info.nexthops.push(new Nexthop(info));
  return { prefix: ipv4Network(prefix, length), length, tableId: table.id, tos: 0, type: RTN.UNICAST, info };
}

describe("a routing table", () => {
  // Few bits, so that prefixes cover each other.
  const prefixes = fc.array(
    fc.record({
      prefix: fc.integer({ min: 0, max: 255 }).map((bits) => (bits << 24) >>> 0),
      length: fc.integer({ min: 0, max: 8 }),
    }),
    { maxLength: 40 },
  );

  test("finds the longest prefix, whatever was added and removed before", () => {
    fc.assert(
      fc.property(
        prefixes,
        fc.array(fc.nat({ max: 39 })),
        fc.integer({ min: 0, max: 255 }),
        (list, removed, bits) => {
          const network = new TestNetwork();
          const { fib } = ipv4Of(network.netns());
          const table = fib.make(1000);
          const aliases = list.map(({ prefix, length }) => alias(table, prefix, length));
          for (const each of aliases) table.insert(each, -1);
          const gone = new Set(removed.map((index) => aliases[index]));
          for (const each of gone) if (each !== undefined) table.remove(each);
          const destination = (bits << 24) >>> 0;
          const left = aliases.filter(
            (each) => !gone.has(each) && ipv4InPrefix(destination, each.prefix, each.length),
          );
          const best = left.reduce<FibAlias | undefined>(
            (longest, each) => (longest === undefined || each.length > longest.length ? each : longest),
            undefined,
          );
          const found = fib.lookupIn(table, flowTo(destination));
          expect(typeof found === "object" ? found.alias : undefined).toBe(best);
          expect(table.count).toBe(aliases.length - [...gone].filter((each) => each !== undefined).length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is walked by prefix, longer ones first", () => {
    const table = new FibTable(1);
    for (const [text, length] of [
      ["10.0.0.0", 8],
      ["0.0.0.0", 0],
      ["10.0.0.0", 24],
      ["9.0.0.0", 8],
    ] as const) {
      table.insert(alias(table, ip(text), length), -1);
    }
    expect(table.all().map(({ prefix, length }) => [prefix >>> 24, length])).toEqual([
      [0, 0],
      [9, 8],
      [10, 24],
      [10, 8],
    ]);
  });
});

describe("rules", () => {
  const { network, a } = TestNetwork.pair();
  const inet = ipv4Of(a);
  const via = (gateway: string, table: number): void => {
    network.expectOk(network.addRoute(a, { gateway: ipv4Bytes(ip(gateway)), table }));
  };
  const rule = (message: Parameters<typeof encodeRule>[0]): void => {
    network.expectOk(
      network
        .client(a)
        .request(
          RTM.NEWRULE,
          NLM_F.CREATE | NLM_F.EXCL,
          encodeRule({ family: AF.INET, action: FR_ACT.TO_TBL, ...message }),
        ),
    );
  };
  const gatewayOf = (source: string, mark = 0): number => {
    const found = inet.fib.lookup(flowTo(ip("192.0.2.1"), { source: ip(source), mark }));
    return typeof found === "number" ? -found : found.nexthop.gateway;
  };

  test("without own ones, the main table answers for both", () => {
    via("10.0.0.9", RT_TABLE.MAIN);
    expect(inet.fib.customRules).toBe(false);
    const found = inet.fib.lookup(flowTo(ip("10.0.0.1")));
    expect(typeof found === "object" && [found.tableId, found.alias.tableId]).toEqual([
      RT_TABLE.MAIN,
      RT_TABLE.LOCAL,
    ]);
    expect(gatewayOf("10.0.0.1")).toBe(ip("10.0.0.9"));
  });

  test("choose tables by source and mark", () => {
    via("10.0.0.100", 100);
    via("10.0.0.200", 200);
    rule({ srcLen: 24, src: ipv4Bytes(ip("10.5.0.0")), table: 100 });
    rule({ fwmark: 7, fwmask: 0xf, table: 200, priority: 50 });
    expect(gatewayOf("10.5.0.77")).toBe(ip("10.0.0.100"));
    expect(gatewayOf("10.6.0.77")).toBe(ip("10.0.0.9"));
    expect(gatewayOf("10.5.0.77", 0x27)).toBe(ip("10.0.0.200"));
    const found = inet.fib.lookup(flowTo(ip("10.0.0.1")));
    expect(typeof found === "object" && found.tableId).toBe(RT_TABLE.LOCAL);
  });

  test("refuse, jump and suppress", () => {
    rule({ action: FR_ACT.PROHIBIT, srcLen: 32, src: ipv4Bytes(ip("10.7.0.1")), priority: 10 });
    rule({ action: FR_ACT.GOTO, goto: 32766, srcLen: 32, src: ipv4Bytes(ip("10.5.0.78")), priority: 11 });
    rule({ table: RT_TABLE.MAIN, suppressPrefixlen: 0, priority: 12 });
    expect(gatewayOf("10.7.0.1")).toBe(-13);
    expect(gatewayOf("10.5.0.78")).toBe(ip("10.0.0.9"));
    expect(gatewayOf("10.5.0.77")).toBe(ip("10.0.0.100"));
  });
});
