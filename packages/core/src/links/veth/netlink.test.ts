import { expect, test } from "vitest";
import { sentData } from "../../netlink/testing/link-data.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { vethData } from "./netlink.ts";

const data = (link: LinkMessage) => (link.linkinfo?.kind === "veth" ? link.linkinfo.data : undefined);

test("ip link add sends the peer as a link of its own", () => {
  const sent = sentData(vethData, "linux-6.1", data);
  const command =
    "ip link add veth1 numtxqueues 1 numrxqueues 1 address 02:00:00:00:00:01 mtu 1400 type veth " +
    "peer name veth2 address 02:00:00:00:00:02 numtxqueues 1 numrxqueues 1";
  expect(sent.get(command)).toEqual({
    peer: {
      family: 0,
      type: 0,
      index: 0,
      flags: 0,
      change: 0,
      ifname: "veth2",
      address: Uint8Array.of(2, 0, 0, 0, 0, 2),
      numTxQueues: 1,
      numRxQueues: 1,
    },
  });
});

test("a peer shorter than its header is malformed", () => {
  expect(isMalformed(vethData.decode(Uint8Array.of(8, 0, 1, 0, 1, 2, 3, 4)))).toBe(true);
});

test("a peer survives the way there and back", () => {
  const encoded = vethData.encode({ peer: { ifname: "eth0", index: 7, netNsFd: 5 } });
  expect(vethData.decode(encoded)).toMatchObject({ peer: { ifname: "eth0", index: 7, netNsFd: 5 } });
});
