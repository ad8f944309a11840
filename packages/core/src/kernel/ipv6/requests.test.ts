import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeAddress } from "../../netlink/rtnl/address.ts";
import { encodeRoute } from "../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { inet6Netns } from "./interface.ts";
import { Hosts, ip6 } from "./testing/hosts.ts";

const TYPES = [
  RTM.NEWADDR,
  RTM.DELADDR,
  RTM.GETADDR,
  RTM.NEWROUTE,
  RTM.DELROUTE,
  RTM.GETROUTE,
  RTM.NEWRULE,
  RTM.DELRULE,
  RTM.NEWADDRLABEL,
  RTM.DELADDRLABEL,
  RTM.GETADDRLABEL,
  RTM.GETNETCONF,
  RTM.GETMULTICAST,
] as const;

describe("a request of family AF_INET6", () => {
  test("with any body is answered, never a failure of the kernel", () => {
    const { hosts, a } = Hosts.pair();
    const client = hosts.network.client(a);
    const bytes = fc.uint8Array({ minLength: 11, maxLength: 80 });
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.nat(0xfff), bytes, (type, flags, body) => {
        body[0] = AF.INET6;
        client.request(type, flags & ~0x300, body);
        client.dump(type, body);
      }),
      { numRuns: 500 },
    );
    expect(hosts.routes(a).length).toBeGreaterThan(0);
  });

  test("with well-formed but arbitrary values neither", () => {
    const { hosts, a } = Hosts.pair();
    const client = hosts.network.client(a);
    const group = fc.constantFrom(
      "::",
      "::1",
      "fe80::1",
      "ff02::1",
      "2001:db8::1",
      "2001:db8::9",
      "::ffff:1.2.3.4",
    );
    const address = group.map((text) => ipv6ToBytes(ip6(text)));
    const small = fc.nat(200);
    const route = fc.record({
      dstLen: small,
      srcLen: fc.constantFrom(0, 0, 64, 128, 130),
      table: fc.constantFrom(0, 7, 254, 255),
      type: fc.nat(13),
      flags: fc.constantFrom(0, 4, 0x200),
      dst: address,
      src: fc.option(address, { nil: undefined }),
      gateway: fc.option(address, { nil: undefined }),
      oif: fc.option(fc.nat(4), { nil: undefined }),
      priority: fc.option(fc.nat(3), { nil: undefined }),
      expires: fc.option(fc.nat(5), { nil: undefined }),
      prefsrc: fc.option(address, { nil: undefined }),
    });
    const entry = fc.record({
      prefixlen: small,
      index: fc.nat(4),
      address,
      ifaFlags: fc.nat(0xfff),
      cacheinfo: fc.record({
        valid: fc.nat(4),
        preferred: fc.nat(4),
        cstamp: fc.constant(0),
        tstamp: fc.constant(0),
      }),
    });
    fc.assert(
      fc.property(
        route,
        entry,
        fc.constantFrom(0x400, 0x600, 0x500, 0xc00, 0x100),
        (first, second, flags) => {
          client.request(RTM.NEWROUTE, flags, encodeRoute({ family: AF.INET6, protocol: 4, ...first }));
          client.request(RTM.NEWADDR, flags, encodeAddress({ family: AF.INET6, ...second }));
          hosts.ping(a, "2001:db8::9");
          client.request(RTM.DELROUTE, 0, encodeRoute({ family: AF.INET6, ...first }));
          client.request(RTM.DELADDR, 0, encodeAddress({ family: AF.INET6, ...second }));
          hosts.network.run(0.3);
        },
      ),
      { numRuns: 300 },
    );
    const namespace = inet6Netns.require(a);
    hosts.network.up(a, "eth0", false);
    hosts.network.up(a, "lo", false);
    expect([...namespace.addresses.keys()]).toEqual([]);
    for (const table of namespace.tables.all()) {
      expect(table.size, `table ${table.id}`).toBe([...table.routes()].length);
    }
  });
});
