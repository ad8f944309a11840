import { describe, expect, test } from "vitest";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RT_TABLE, RTN } from "../../netlink/rtnl/route-constants.ts";
import { NLM_F } from "../../netlink/message.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import type { Netns } from "../netns.ts";
import { inetDevice } from "./in-device.ts";
import { ipv4Of } from "./namespace.ts";
import { TestNetwork } from "./testing/network.ts";

const EEXIST = 17;
const EADDRNOTAVAIL = 99;
const EINVAL = 22;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [RTN.UNICAST]: "unicast",
  [RTN.LOCAL]: "local",
  [RTN.BROADCAST]: "broadcast",
};

/** Routes of the two tables that are not about 127/8: "local 10.0.0.1/32 src 10.0.0.1". */
function routes(netns: Netns): string[] {
  const { fib } = ipv4Of(netns);
  return [RT_TABLE.MAIN, RT_TABLE.LOCAL].flatMap((id) =>
    (fib.get(id)?.all() ?? [])
      .filter(({ prefix }) => prefix >>> 24 !== 127)
      .map(({ type, prefix, length, info }) => {
        const source = info.preferredSource === 0 ? "" : ` src ${formatIpv4(info.preferredSource)}`;
        return `${TYPE_NAMES[type]} ${formatIpv4(prefix)}/${length}${source}`;
      }),
  );
}

function addresses(network: TestNetwork, netns: Netns): string[] {
  return (inetDevice.of(network.device(netns, "eth0"))?.addresses ?? []).map(
    ({ local, prefixLength, flags }) =>
      `${formatIpv4(local)}/${prefixLength}${(flags & IFA_F.SECONDARY) === 0 ? "" : " secondary"}`,
  );
}

/** One namespace with eth0 up and lo down; the other end of the cable is up. */
function host(profile: "linux-6.1" | "linux-6.18" = "linux-6.1"): { network: TestNetwork; netns: Netns } {
  const network = new TestNetwork(profile);
  const [netns, peer] = [network.netns(), network.netns()];
  network.cable(netns, "eth0", 1, peer, "eth0", 2);
  network.up(netns, "eth0");
  network.up(peer, "eth0");
  return { network, netns };
}

describe("an IPv4 address", () => {
  test("brings its prefix, itself and the directed broadcast", () => {
    const { network, netns } = host();
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/24"));
    expect(routes(netns)).toEqual([
      "unicast 10.0.0.0/24 src 10.0.0.1",
      "local 10.0.0.1/32 src 10.0.0.1",
      "broadcast 10.0.0.255/32 src 10.0.0.1",
    ]);
    network.expectOk(network.deleteAddress(netns, "eth0", "10.0.0.1/24"));
    expect(routes(netns)).toEqual([]);
  });

  test("of a /31 or /32 has no broadcast, and a /32 no prefix", () => {
    const { network, netns } = host();
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/32"));
    network.expectOk(network.addAddress(netns, "eth0", "10.1.0.0/31"));
    expect(routes(netns)).toEqual([
      "unicast 10.1.0.0/31 src 10.1.0.0",
      "local 10.0.0.1/32 src 10.0.0.1",
      "local 10.1.0.0/32 src 10.1.0.0",
    ]);
  });

  test("on a device that is down is local, and the rest follows when it comes up", () => {
    const { network, netns } = host();
    network.up(netns, "eth0", false);
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/24"));
    expect(routes(netns)).toEqual(["local 10.0.0.1/32 src 10.0.0.1"]);
    network.up(netns, "eth0");
    expect(routes(netns)).toHaveLength(3);
    network.up(netns, "eth0", false);
    expect(routes(netns)).toEqual(["local 10.0.0.1/32 src 10.0.0.1"]);
  });

  test("in the prefix of another is secondary, and goes with it", () => {
    const { network, netns } = host();
    for (const last of [1, 2, 3]) network.expectOk(network.addAddress(netns, "eth0", `10.0.0.${last}/24`));
    expect(addresses(network, netns)).toEqual([
      "10.0.0.1/24",
      "10.0.0.2/24 secondary",
      "10.0.0.3/24 secondary",
    ]);
    expect(routes(netns)).toContain("local 10.0.0.3/32 src 10.0.0.1");
    network.expectOk(network.deleteAddress(netns, "eth0", "10.0.0.1/24"));
    expect(addresses(network, netns)).toEqual([]);
    expect(routes(netns)).toEqual([]);
  });

  test("takes the place of its primary with promote_secondaries", () => {
    const { network, netns } = host();
    network.setting(netns, "net/ipv4/conf/eth0/promote_secondaries", "1");
    for (const last of [1, 2, 3]) network.expectOk(network.addAddress(netns, "eth0", `10.0.0.${last}/24`));
    network.expectOk(network.deleteAddress(netns, "eth0", "10.0.0.1/24"));
    expect(addresses(network, netns)).toEqual(["10.0.0.2/24", "10.0.0.3/24 secondary"]);
    expect(routes(netns)).toEqual([
      "unicast 10.0.0.0/24 src 10.0.0.2",
      "local 10.0.0.2/32 src 10.0.0.2",
      "local 10.0.0.3/32 src 10.0.0.2",
      "broadcast 10.0.0.255/32 src 10.0.0.2",
    ]);
  });

  test.each([
    ["linux-6.1", undefined],
    ["linux-6.18", "ipv4: Address already assigned"],
  ] as const)("that is there is refused (%s)", (profile, text) => {
    const { network, netns } = host(profile);
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/24"));
    expect(network.addAddress(netns, "eth0", "10.0.0.1/24")).toMatchObject({
      ok: false,
      errno: EEXIST,
      extack: text === undefined ? {} : { message: text },
    });
    expect(network.deleteAddress(netns, "eth0", "10.0.0.2/24")).toMatchObject({
      ok: false,
      errno: EADDRNOTAVAIL,
    });
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/25"));
  });

  test("with a lifetime is deprecated, then gone", () => {
    const { network, netns } = host();
    const cacheinfo = { preferred: 5, valid: 10, cstamp: 0, tstamp: 0 };
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/24", { cacheinfo }));
    const [address] = inetDevice.of(network.device(netns, "eth0"))?.addresses ?? [];
    expect((address?.flags ?? 0) & (IFA_F.PERMANENT | IFA_F.DEPRECATED)).toBe(0);
    network.run(6);
    expect((address?.flags ?? 0) & IFA_F.DEPRECATED).toBe(IFA_F.DEPRECATED);
    network.run(5);
    expect(addresses(network, netns)).toEqual([]);
    const never = { ...cacheinfo, valid: 1 };
    expect(network.addAddress(netns, "eth0", "10.0.0.1/24", { cacheinfo: never })).toMatchObject({
      errno: EINVAL,
    });
  });

  test("is changed in place by a request to replace it", () => {
    const { network, netns } = host();
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/24"));
    const cacheinfo = { preferred: 50, valid: 100, cstamp: 0, tstamp: 0 };
    const flags = NLM_F.CREATE | NLM_F.REPLACE;
    network.expectOk(network.addAddress(netns, "eth0", "10.0.0.1/24", { cacheinfo, rtPriority: 7 }, flags));
    const [address] = inetDevice.of(network.device(netns, "eth0"))?.addresses ?? [];
    expect(address).toMatchObject({ validLifetime: 100, preferredLifetime: 50, metric: 7 });
    expect(ipv4Of(netns).fib.get(RT_TABLE.MAIN)?.all()[0]?.info.priority).toBe(7);
  });

  test("127.0.0.1/8 comes when the loopback device is up", () => {
    const { network, netns } = host();
    const lo = inetDevice.of(network.device(netns, "lo"));
    expect(lo?.addresses).toEqual([]);
    network.up(netns, "lo");
    expect(lo?.addresses.map(({ local, prefixLength }) => [formatIpv4(local), prefixLength])).toEqual([
      ["127.0.0.1", 8],
    ]);
    expect(ipv4Of(netns).fib.get(RT_TABLE.LOCAL)?.all()).toHaveLength(3);
    network.up(netns, "lo", false);
    network.up(netns, "lo");
    expect(lo?.addresses).toHaveLength(1);
  });
});
