import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { assert, property, uint8Array } from "fast-check";
import { AttributeWriter } from "../../netlink/attributes.ts";
import { bytesFromHex, bytesToHex } from "../../wire/hex.ts";
import { readActionBytes, writeActions } from "./action-attributes.ts";
import type { DpAction } from "./actions.ts";
import { formatDpActions } from "./format-actions.ts";
import { parseDpActions } from "./parse-actions.ts";

const PID = 0;

function bytesOf(actions: readonly DpAction[]): Uint8Array {
  const writer = new AttributeWriter();
  writeActions(writer, actions, PID);
  return writer.finish();
}

function parsed(text: string): readonly DpAction[] {
  const actions = parseDpActions(text);
  if (typeof actions === "number") throw new Error(`${text} is refused`);
  return actions;
}

/** Only the daemon's own datapath has them: no kernel sends them. */
const NOT_READ = /tnl_push|tnl_pop|lb_output|^drop$/i;

const recorded = readFileSync(new URL("fixtures/actions.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => line.split(" => ") as [string, string])
  .filter(([, expected]) => expected !== "refused");

test.each(recorded.filter(([text]) => !NOT_READ.test(text)))(
  "%s is the same behind attributes",
  (text, expected) => {
    const read = readActionBytes(bytesOf(parsed(text)));
    expect(read && formatDpActions(read, undefined, 0)).toBe(expected);
  },
);

test.each(recorded.filter(([text]) => NOT_READ.test(text)))("%s is not read", (text) => {
  expect(readActionBytes(bytesOf(parsed(text)))).toBeUndefined();
});

// nsh_key_from_nlattr() of net/openvswitch/flow_netlink.c, written out by hand: OVS_ACTION_ATTR_SET_MASKED with OVS_KEY_ATTR_NSH,
// in it the base and its mask, then the contexts and theirs
test("a masked service header has each mask behind its value", () => {
  const nothing = "00000000";
  const hex = [
    "40000b003c001c00",
    ...["14000100", "003f0000", nothing, "003f0000", nothing],
    ...["24000200", "00000007", nothing, nothing, nothing, "000000ff", nothing, nothing, nothing],
  ].join("");
  const bytes = bytesFromHex(hex) as Uint8Array;
  const text = "set(nsh(ttl=63/63,c1=0x7/0x000000ff))";
  expect(bytesToHex(bytesOf(parsed(text)))).toBe(hex);
  const read = readActionBytes(bytes);
  expect(read && formatDpActions(read, undefined, 0)).toBe(text);
});

test("a label before the whole packet says so in its flags", () => {
  const label = { type: "add_mpls", lse: 0x5140, etherType: 0x8847 } as const;
  expect(bytesToHex(bytesOf([label]))).toBe("0c0016000000514088470100");
  const whole = { ...label, wholePacket: true };
  expect(bytesToHex(bytesOf([whole]))).toBe("0c0016000000514088470000");
  expect(readActionBytes(bytesOf([label, whole]))).toEqual([label, whole]);
});

test("any bytes are actions or none, and what was read once is read again as the same", () => {
  assert(
    property(uint8Array({ maxLength: 80 }), (bytes) => {
      const read = readActionBytes(bytes);
      expect(read && readActionBytes(bytesOf(read))).toEqual(read);
    }),
  );
});
