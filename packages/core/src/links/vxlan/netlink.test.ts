import { expect, test } from "vitest";
import { expectSameData, sentData } from "../../netlink/testing/link-data.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { vxlanData } from "./netlink.ts";

const data = (link: LinkMessage) => (link.linkinfo?.kind === "vxlan" ? link.linkinfo.data : undefined);

test.each(["linux-6.1", "linux-6.18"] as const)(
  "tunnels that %s sends are encoded to the same bytes",
  (profile) => {
    const all = expectSameData(vxlanData, profile, data);
    expect(all[0]).toMatchObject({
      id: 100,
      group: Uint8Array.of(10, 0, 0, 2),
      port: 4789,
      ttl: 5,
      learning: 1,
    });
  },
);

test("what ip link add sends", () => {
  const sent = sentData(vxlanData, "linux-6.1", data);
  expect(sent.get("ip link add vx3 type vxlan external dstport 4792")).toEqual({
    collectMetadata: 1,
    learning: 0,
    port: 4792,
  });
});
