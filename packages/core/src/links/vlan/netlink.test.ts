import { expect, test } from "vitest";
import { expectSameData, sentData } from "../../netlink/testing/link-data.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { VLAN_FLAG, vlanData } from "./netlink.ts";

const data = (link: LinkMessage) => (link.linkinfo?.kind === "vlan" ? link.linkinfo.data : undefined);

test("sub-interfaces that Linux 6.1 sends are encoded to the same bytes", () => {
  const all = expectSameData(vlanData, "linux-6.1", data);
  expect(all.map(({ id, protocol }) => [id, protocol])).toContainEqual([20, 0x88a8]);
  expect(all.find(({ id }) => id === 20)).toMatchObject({
    flags: { flags: VLAN_FLAG.GVRP | VLAN_FLAG.LOOSE_BINDING, mask: 0xffff_ffff },
    ingressQos: [
      { from: 1, to: 2 },
      { from: 3, to: 4 },
    ],
    egressQos: [
      { from: 5, to: 6 },
      { from: 7, to: 1 },
    ],
  });
});

test("what ip link set sends", () => {
  const sent = sentData(vlanData, "linux-6.1", data);
  expect(sent.get("ip link set veth3.20 type vlan egress-qos-map 2:3 reorder_hdr on")).toEqual({
    flags: { flags: VLAN_FLAG.REORDER_HDR, mask: VLAN_FLAG.REORDER_HDR },
    egressQos: [{ from: 2, to: 3 }],
  });
});
