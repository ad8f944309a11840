import { describe, expect, test } from "vitest";
import { type Decoded, isMalformed } from "../../wire/malformed.ts";
import type { RawAttribute } from "../attributes.ts";
import { exchanges, toHex } from "../testing/exchanges.ts";
import { CTRL_CMD, decodeControl, encodeControl, GENL_ID, readGenericCommand } from "./control.ts";
import * as ethtool from "./ethtool.ts";
import { bitsetMeaning, compactBitset, unpackBits, verboseBitset } from "./ethtool-bitset.ts";
import { ETHTOOL_REPLY } from "./ethtool-constants.ts";

type Codec = {
  encode(record: object): Uint8Array;
  decode(body: Uint8Array): Decoded<{ readonly unknown?: readonly RawAttribute[] | undefined }>;
};

const ETHTOOL_ID = 20;
const replies = new Map<number, Codec>([
  [ETHTOOL_REPLY.STRSET_GET, ethtool.strset],
  [ETHTOOL_REPLY.LINKINFO_GET, ethtool.linkinfo],
  [ETHTOOL_REPLY.LINKMODES_GET, ethtool.linkmodes],
  [ETHTOOL_REPLY.LINKSTATE_GET, ethtool.linkstate],
  [ETHTOOL_REPLY.FEATURES_GET, ethtool.features],
  [ETHTOOL_REPLY.FEATURES_SET, ethtool.features],
  [ETHTOOL_REPLY.CHANNELS_GET, ethtool.channels],
  [ETHTOOL_REPLY.TSINFO_GET, ethtool.tsinfo],
  [ETHTOOL_REPLY.MODULE_GET, ethtool.pluginModule],
]);

const all = exchanges("linux-6.1", "generic");

describe("answers of the ethtool family", () => {
  test("are encoded to the same bytes", () => {
    const seen = new Set<number>();
    for (const { command, received } of all) {
      for (const { type, body } of received) {
        if (type !== ETHTOOL_ID) continue;
        const kind = readGenericCommand(body);
        const codec = replies.get(kind);
        if (codec === undefined) throw new Error(`${command}: no codec for ${kind}`);
        const record = codec.decode(body);
        if (isMalformed(record)) throw new Error(`${command}: ${record}`);
        expect([command, toHex(codec.encode(record))]).toEqual([command, toHex(body)]);
        expect([command, record.unknown]).toEqual([command, undefined]);
        seen.add(kind);
      }
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([...replies.keys()].sort((a, b) => a - b));
  });

  test("ethtool veth3: 10 Gb/s full duplex twisted pair", () => {
    const { received } = all.find((each) => each.command === "ethtool veth3")!;
    const modes = received.find(({ type, body }) => type === ETHTOOL_ID && readGenericCommand(body) === 4);
    expect(ethtool.linkmodes.decode(modes!.body)).toMatchObject({
      header: { devIndex: 4, devName: "veth3" },
      autoneg: 0,
      speed: 10000,
      duplex: 1,
      ours: { size: 93 },
    });
  });

  test("ethtool -K sends bits by name, and the answer says what changed", () => {
    const { sent, received } = all.find((each) => each.command === "ethtool -K veth3 gso off gro off")!;
    const request = ethtool.features.decode(
      sent.find(({ type, body }) => type === ETHTOOL_ID && body[0] === 12)!.body,
    );
    expect(request).toMatchObject({
      wanted: { bits: { bit: [{ name: "tx-generic-segmentation" }, { name: "rx-gro" }] } },
    });
    const answer = ethtool.features.decode(received.find(({ type }) => type === ETHTOOL_ID)!.body);
    if (isMalformed(answer) || answer.active === undefined) throw new Error("no answer");
    const { mask, value } = bitsetMeaning(answer.active, () => undefined);
    expect([...(mask ?? [])]).toEqual([11]);
    expect([...value]).toEqual([]);
  });
});

test("the controller's answers are encoded to the same bytes", () => {
  let count = 0;
  for (const { command, received } of all) {
    for (const { type, body } of received) {
      if (
        type !== GENL_ID.CTRL ||
        ![CTRL_CMD.NEWFAMILY, CTRL_CMD.GETPOLICY].includes(readGenericCommand(body) as 1)
      ) {
        continue;
      }
      if (command.startsWith("ethtool -P")) continue; // RTM_NEWLINK has the same number
      const record = decodeControl(body);
      if (isMalformed(record)) throw new Error(`${command}: ${record}`);
      expect([command, toHex(encodeControl(record))]).toEqual([command, toHex(body)]);
      count++;
    }
  }
  expect(count).toBeGreaterThan(1);
});

test("the ethtool family has a monitor group", () => {
  const { received } = all.find((each) => each.command === "ethtool veth3")!;
  expect(decodeControl(received[0]!.body)).toMatchObject({
    cmd: CTRL_CMD.NEWFAMILY,
    familyName: "ethtool",
    familyId: ETHTOOL_ID,
    version: 1,
    hdrsize: 0,
    mcastGroups: [{ name: "monitor", id: 4 }],
  });
});

test("bitsets mean the same in both forms", () => {
  const names = ["a", "b", "c", "d"];
  const value = new Set([1, 3]);
  const mask = new Set([0, 1, 3]);
  const meaning = { value, mask };
  expect(bitsetMeaning(compactBitset(4, value, mask), () => undefined)).toEqual(meaning);
  expect(bitsetMeaning(verboseBitset(names, value, mask), () => undefined)).toEqual(meaning);
  expect(bitsetMeaning(verboseBitset(names, value), () => undefined)).toEqual({ value, mask: undefined });
  expect(
    bitsetMeaning({ bits: { bit: [{ name: "c", value: true }] } }, (name) => names.indexOf(name)),
  ).toEqual({
    value: new Set([2]),
    mask: new Set([2]),
  });
  expect([...unpackBits(compactBitset(64, [0, 33, 63]).value!)]).toEqual([0, 33, 63]);
});
