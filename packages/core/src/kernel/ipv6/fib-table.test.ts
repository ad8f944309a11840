import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NLM_F } from "../../netlink/message.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { formatIpv6, ipv6FromGroups, ipv6InPrefix, ipv6Network } from "../../wire/ipv6-address.ts";
import { Fib6Table } from "./fib-table.ts";
import { Hosts } from "./testing/hosts.ts";

const anyAddress = fc
  .tuple(...Array.from({ length: 8 }, () => fc.integer({ min: 0, max: 3 })))
  .map((groups) =>
    ipv6FromGroups(...(groups as [number, number, number, number, number, number, number, number])),
  );

describe("a table", () => {
  test("finds the longest prefixes first, as a search through all of them does", () => {
    const prefixes = fc.array(fc.tuple(anyAddress, fc.integer({ min: 0, max: 128 })), { maxLength: 40 });
    fc.assert(
      fc.property(prefixes, fc.array(anyAddress, { minLength: 1, maxLength: 10 }), (all, wanted) => {
        const table = new Fib6Table(1);
        for (const [address, length] of all) table.ensure(ipv6Network(address, length), length);
        for (const address of wanted) {
          const expected = all
            .filter(([prefix, length]) => ipv6InPrefix(address, prefix, length))
            .map(([, length]) => length);
          const lengths = [...new Set(expected)].sort((a, b) => b - a);
          expect(table.matches(address).map(({ length }) => length)).toEqual(lengths);
        }
      }),
    );
  });

  test("lists a prefix after those inside it, and neighbours by their bits", () => {
    const table = new Fib6Table(1);
    const add = (text: string, length: number): void => {
      const groups = text.split(":").map((group) => Number.parseInt(group, 16));
      while (groups.length < 8) groups.push(0);
      table.ensure(
        ipv6FromGroups(...(groups as [number, number, number, number, number, number, number, number])),
        length,
      );
    };
    add("0", 0);
    add("2001:db8", 32);
    add("2001:db8:1", 48);
    add("2001:db8", 128);
    add("2001:db8", 64);
    add("fe80", 64);
    add("2001:db8:1:5", 64);
    expect(table.nodesInOrder().map(({ prefix, length }) => `${formatIpv6(prefix)}/${length}`)).toEqual([
      "2001:db8::/128",
      "2001:db8::/64",
      "2001:db8:1:5::/64",
      "2001:db8:1::/48",
      "2001:db8::/32",
      "fe80::/64",
      "::/0",
    ]);
  });
});

describe("a route request", () => {
  const setup = (): { hosts: Hosts; a: ReturnType<Hosts["host"]>; main: () => string[] } => {
    const { hosts, a } = Hosts.pair();
    return { hosts, a, main: () => hosts.routes(a, 254).filter((route) => route.startsWith("2001:db8:9")) };
  };

  test("for a prefix that is there is refused, unless its metric differs", () => {
    const { hosts, a, main } = setup();
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::b dev eth0"));
    expect(hosts.route(a, "2001:db8:9::/48 via fe80::c dev eth0")).toMatchObject({ ok: false, errno: 17 });
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::c dev eth0", { priority: 5 }));
    expect(main()).toEqual([
      "2001:db8:9::/48 via fe80::c dev eth0 metric 5",
      "2001:db8:9::/48 via fe80::b dev eth0 metric 1024",
    ]);
  });

  test("to append by another gateway makes a multipath route, and deleting one hop leaves the other", () => {
    const { hosts, a, main } = setup();
    const append = NLM_F.CREATE | NLM_F.APPEND;
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::b dev eth0"));
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::c dev eth0", {}, append));
    expect(main()).toEqual(["2001:db8:9::/48 dev ? metric 1024"]);
    hosts.network.expectOk(
      hosts.route(a, "2001:db8:9::/48 via fe80::b dev eth0", { protocol: 0 }, 0, RTM.DELROUTE),
    );
    expect(main()).toEqual(["2001:db8:9::/48 via fe80::c dev eth0 metric 1024"]);
  });

  test("to replace takes the place of the route, or is refused if there is none and none may be made", () => {
    const { hosts, a, main } = setup();
    const change = hosts.route(a, "2001:db8:9::/48 via fe80::b dev eth0", {}, NLM_F.REPLACE);
    expect(change).toMatchObject({ errno: 2, extack: { message: "Can not replace route - no match found" } });
    const replace = NLM_F.CREATE | NLM_F.REPLACE;
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::b dev eth0", {}, replace));
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::c dev eth0", {}, replace));
    expect(main()).toEqual(["2001:db8:9::/48 via fe80::c dev eth0 metric 1024"]);
  });

  test.each([
    ["2001:db8:9::/48 via 2001:db8:77::1", 113, undefined],
    ["2001:db8:9::/48 via fe80::1", 22, "Egress device not specified"],
    ["2001:db8:9::/48 via ff02::1 dev eth0", 22, "Invalid gateway address"],
    ["2001:db8:9::/48 via 2001:db8::1 dev eth0", 22, "Gateway can not be a local address"],
  ])("%s is refused", (text, errno, message) => {
    const { hosts, a } = setup();
    expect(hosts.route(a, text)).toMatchObject({
      ok: false,
      errno,
      extack: message === undefined ? {} : { message },
    });
  });

  test("loses its routes with the device, one notification each", () => {
    const { hosts, a, main } = setup();
    hosts.network.expectOk(hosts.route(a, "2001:db8:9::/48 via fe80::b dev eth0"));
    hosts.network.up(a, "eth0", false);
    expect(main()).toEqual([]);
  });
});
