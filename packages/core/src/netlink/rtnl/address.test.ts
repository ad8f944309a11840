import { expect, test } from "vitest";
import { decodedRequests, expectSameBytes } from "../testing/round-trip.ts";
import { decodeAddress, encodeAddress, IFA_F, IFAPROT } from "./address.ts";
import { decodeNsid, encodeNsid } from "./nsid.ts";
import { RTM } from "./types.ts";

const codec = { encode: encodeAddress, decode: decodeAddress };
const types = [RTM.NEWADDR, RTM.DELADDR];

test.each(["linux-6.1", "linux-6.18"] as const)(
  "addresses that %s sends are encoded to the same bytes",
  (profile) => {
    expect(expectSameBytes(codec, { profile, family: "address", types })).toBeGreaterThan(10);
  },
);

test("requests of ip address", () => {
  const requests = decodedRequests(codec, {
    profile: "linux-6.1",
    family: "address",
    types: [RTM.NEWADDR, RTM.DELADDR, RTM.GETADDR],
  });
  const of = (command: string) => requests.find((each) => each.command === command)?.record;
  expect(
    of(
      "ip addr add 10.1.0.1/16 brd + dev veth3 label veth3:one scope link metric 50 valid_lft 1000 preferred_lft 500",
    ),
  ).toEqual({
    family: 2,
    prefixlen: 16,
    flags: 0,
    scope: 253,
    index: 4,
    address: Uint8Array.of(10, 1, 0, 1),
    local: Uint8Array.of(10, 1, 0, 1),
    broadcast: Uint8Array.of(10, 1, 255, 255),
    label: "veth3:one",
    rtPriority: 50,
    cacheinfo: { preferred: 500, valid: 1000, cstamp: 0, tstamp: 0 },
  });
  expect(of("ip addr add 10.2.0.1 peer 10.2.0.2/32 dev veth3 noprefixroute")?.ifaFlags).toBe(
    IFA_F.NOPREFIXROUTE,
  );
});

test("a link-local address says that the kernel made it", () => {
  const body = encodeAddress({
    family: 10,
    prefixlen: 64,
    index: 3,
    ifaFlags: 0x80,
    proto: IFAPROT.KERNEL_LL,
  });
  expect(decodeAddress(body)).toMatchObject({ proto: 3, ifaFlags: 0x80, flags: 0 });
});

test("namespace ids that Linux 6.1 sends are encoded to the same bytes", () => {
  const nsid = { encode: encodeNsid, decode: decodeNsid };
  const recording = { profile: "linux-6.1", family: "nsid" } as const;
  expect(expectSameBytes(nsid, { ...recording, types: [RTM.NEWNSID, RTM.DELNSID] })).toBeGreaterThan(3);
  const requests = decodedRequests(nsid, { ...recording, types: [RTM.NEWNSID, RTM.GETNSID] });
  expect(requests.find((each) => each.command === "ip netns set blue auto")?.record).toMatchObject({
    nsid: -1,
  });
});
