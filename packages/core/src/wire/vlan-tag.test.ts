import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EtherType } from "./ethernet.ts";
import { isMalformed } from "./malformed.ts";
import * as vlan from "./vlan-tag.ts";
import { capturedFrame } from "./testing/captured.ts";
import { hex } from "./testing/codec.ts";

describe("VLAN tags", () => {
  it("decodes the tags that Linux sent", () => {
    const customer = capturedFrame("vlanArp");
    expect(vlan.decodeVlanTags(customer, 0, customer.length)).toEqual({
      tags: [{ tpid: EtherType.VLAN, priority: 3, dropEligible: false, vlanId: 7 }],
      type: EtherType.ARP,
      payloadOffset: 18,
    });
    const service = capturedFrame("qinqArp");
    expect(vlan.decodeVlanTags(service, 0, service.length)).toMatchObject({
      tags: [{ tpid: EtherType.SERVICE_VLAN, vlanId: 100 }],
      type: EtherType.ARP,
    });
  });

  it("decodes frames without and with several tags", () => {
    const plain = capturedFrame("arpRequest");
    expect(vlan.decodeVlanTags(plain, 0, plain.length)).toEqual({
      tags: [],
      type: EtherType.ARP,
      payloadOffset: 14,
    });
    const two = hex("0200000000 0b 0200000000 0a 88a8 f064 8100 1007 0800 ff");
    expect(vlan.decodeVlanTags(two, 0, two.length)).toEqual({
      tags: [
        { tpid: EtherType.SERVICE_VLAN, priority: 7, dropEligible: true, vlanId: 100 },
        { tpid: EtherType.VLAN, priority: 0, dropEligible: true, vlanId: 7 },
      ],
      type: EtherType.IPV4,
      payloadOffset: 22,
    });
  });

  it("refuses a tag that is cut off", () => {
    const frame = capturedFrame("vlanArp");
    expect(vlan.decodeVlanTags(frame, 0, 13)).toMatchObject({ reason: "truncated" });
    expect(vlan.decodeVlanTags(frame, 0, 17)).toMatchObject({ reason: "truncated", offset: 12 });
    expect(vlan.decodeVlanTags(frame, 0, 18)).toMatchObject({ type: EtherType.ARP, payloadOffset: 18 });
    expect(vlan.decodeVlanTags(capturedFrame("arpRequest"), 0, 14)).toMatchObject({ tags: [] });
  });

  it("pushes and pops a tag in place", () => {
    const frame = capturedFrame("arpRequest");
    const buf = new Uint8Array(frame.length + 8).fill(0xa5);
    buf.set(frame, 8);
    const tagged = vlan.pushVlanTag(buf, 8, EtherType.VLAN, vlan.makeTci(3, false, 7));
    expect(tagged).toBe(4);
    expect([vlan.vlanTpid(buf, 4), vlan.vlanTci(buf, 4)]).toEqual([EtherType.VLAN, 0x6007]);
    expect(buf.subarray(0, 4)).toEqual(hex("a5a5a5a5"));
    vlan.setVlanTci(buf, 4, vlan.makeTci(0, true, 9));
    expect([vlan.tciPriority(vlan.vlanTci(buf, 4)), vlan.tciVlanId(vlan.vlanTci(buf, 4))]).toEqual([0, 9]);
    expect(vlan.popVlanTag(buf, tagged)).toBe(8);
    expect(buf.subarray(8)).toEqual(frame);
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        if (bytes.length > 13) bytes.set([0x81, 0x00], 12);
        const result = vlan.decodeVlanTags(bytes, 0, bytes.length);
        expect(isMalformed(result) || result.payloadOffset <= bytes.length).toBe(true);
      }),
    );
  });
});
