import { expect, test } from "vitest";
import { assert, property, uint8Array } from "fast-check";
import { AttributeWriter } from "../../netlink/attributes.ts";
import { bytesFromHex, bytesToHex } from "../../wire/hex.ts";
import { readActionBytes } from "./action-attributes.ts";
import { formatKey } from "./format-key.ts";
import { exactRow, readKeyAttributes, writeKeyAttributes } from "./key-attributes.ts";
import { parseFlow } from "./parse-flow.ts";

function bytesOf(text: string): Uint8Array {
  const parsed = parseFlow(text, () => undefined);
  if (typeof parsed === "string") throw new Error(parsed);
  const writer = new AttributeWriter();
  writeKeyAttributes(writer, parsed.key, parsed, parsed.key);
  return writer.finish();
}

// struct ovs_key_* of linux/openvswitch.h, written out by hand: lengths and types in host order, addresses and ports as on the wire
test("a key's attributes have the structures of the kernel", () => {
  expect(
    bytesToHex(bytesOf("in_port(3),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800)")),
  ).toBe("0800030003000000100004000200000000010200000000020600060008000000");
  expect(bytesToHex(bytesOf("ipv4(src=10.0.0.1,dst=10.0.0.2,proto=6,tos=0x8,ttl=64,frag=later)"))).toBe(
    "100007000a0000010a00000206084002",
  );
  expect(bytesToHex(bytesOf("tcp(src=80,dst=443)"))).toBe("08000900005001bb");
});

test("tags wrap what follows them", () => {
  const bytes = bytesOf(
    "eth(),eth_type(0x8100),vlan(vid=5,pcp=1),encap(eth_type(0x0806),arp(sip=10.0.0.1,op=1))",
  );
  const { row, present, tags, wrong } = readKeyAttributes(bytes);
  expect([tags, wrong, present.has("arp"), present.has("encap")]).toEqual([1, false, true, true]);
  const exact = exactRow({ present, tags, labels: 0 });
  expect(formatKey(row, exact)).toMatch(
    "eth_type(0x8100),vlan(vid=5,pcp=1),encap(eth_type(0x0806),arp(sip=10.0.0.1,",
  );
});

test("any bytes are a key or wrong, and actions or none", () => {
  assert(
    property(uint8Array({ maxLength: 80 }), (bytes) => {
      readKeyAttributes(bytes);
      readActionBytes(bytes);
    }),
  );
  expect(readKeyAttributes(bytesFromHex("0800ff0000000000") as Uint8Array).wrong).toBe(true);
});
