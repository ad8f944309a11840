// Connections in netfilter's messages: what Linux 6.1 told of a TCP connection in a dump, and what ovs-dpctl 3.1 printed for it.

import { expect, test } from "vitest";
import { decodeConntrack, encodeConntrack } from "../../netlink/netfilter/conntrack.ts";
import { bytesFromHex, bytesToHex } from "../../wire/hex.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { connectionMessage, readConnectionMessage } from "./connection-messages.ts";
import { formatConnection } from "./connection.ts";

const TCP_IN_TIME_WAIT =
  "02000000340001801400018008000100" +
  "0a000001080002000a0000021c000280050001000600000006000200" +
  "0fa100000600030000500000340002801400018008000100" +
  "0a000002080002000a0000011c000280050001000600000006000200005000000600" +
  "03000fa1000008000300000000" +
  "0e0800080000000007" +
  "08000c009e8f31c6" +
  "08000b0000000001" +
  "080007000000006d" +
  "300004802c000180050001000700000005000200070000000500030007000000060004002f000000060005002b000000" +
  "14001600f0debc9a785634120000000000000000";

const TEXT =
  "tcp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=4001,dport=80),reply=(src=10.0.0.2,dst=10.0.0.1,sport=80,dport=4001)";

function read() {
  const message = decodeConntrack(bytesFromHex(TCP_IN_TIME_WAIT) ?? new Uint8Array(0));
  if (isMalformed(message)) throw new Error(`malformed: ${message.reason}`);
  const connection = readConnectionMessage(message);
  if (connection === undefined) throw new Error("it has tuples");
  return { message, connection };
}

test("a connection is told as the original tells it", () => {
  const { connection } = read();
  expect(formatConnection(connection, { more: false, statistics: false })).toBe(
    `${TEXT},mark=7,labels=0x123456789abcdef0,protoinfo=(state=TIME_WAIT)`,
  );
  expect(formatConnection(connection, { more: true, statistics: true })).toBe(
    `${TEXT},id=2660184518,status=SEEN_REPLY|ASSURED|CONFIRMED,timeout=109,mark=7,labels=0x123456789abcdef0,` +
      "protoinfo=(state_orig=TIME_WAIT,state_reply=TIME_WAIT,wscale_orig=7,wscale_reply=7," +
      "flags_orig=WINDOW_SCALE|SACK_PERM|CLOSE_INIT|BE_LIBERAL|MAXACK_SET," +
      "flags_reply=WINDOW_SCALE|SACK_PERM|BE_LIBERAL|MAXACK_SET)",
  );
});

test("the kernel's message can be written again, from itself and from what was read of it", () => {
  const { message, connection } = read();
  expect(bytesToHex(encodeConntrack(message))).toBe(TCP_IN_TIME_WAIT);
  const TIME_WAIT = 7;
  expect(bytesToHex(encodeConntrack(connectionMessage(connection, TIME_WAIT)))).toBe(TCP_IN_TIME_WAIT);
});
