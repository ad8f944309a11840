import { expect, test } from "vitest";
import { formatTunnel } from "./format-tunnel.ts";
import { parseFlow } from "./parse-flow.ts";

// `ovs-appctl dpctl/dump-flows` and `dump-flows -m` of Open vSwitch 3.1.0 after dpctl/add-flow
test.each([
  ["id=10,flags=8", "id=10,flags=0x8", "id=10,flags=0x8"],
  ["id=10/0xff,flags=8/0xf", "id=10/0xff,flags=0x8/0xf", "id=10/0xff,flags=0x8/0xf"],
  ["id=10/0,flags=8", "flags=0x8", "id=10/0,flags=0x8"],
  ["id=10/0,flags=8/0", "", "id=10/0,flags=0x8/0"],
])("the policy of a VXLAN key goes by its mask: %s", (policy, short, long) => {
  const text = (inside: string) =>
    `tunnel(tun_id=0x1,src=1.1.1.1,dst=1.1.1.2,ttl=64,vxlan(gbp(${inside})),flags(key))`;
  const parsed = parseFlow(`${text(policy)},in_port(1),eth(),eth_type(0x1234)`, () => undefined);
  if (typeof parsed === "string") throw new Error(parsed);
  const { key, mask } = parsed;
  expect(formatTunnel(key, { mask })).toBe(text(short));
  expect(formatTunnel(key, { mask, verbose: true })).toBe(text(long));
});
