// The ethtool family and its controller, held against what Linux 6.1 answered to ethtool 6.1 about a veth.

import { describe, expect, test } from "vitest";
import { linkKinds } from "../../links/devices.ts";
import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import { decodeError, encodeMessages, decodeMessages, NLM_F, NLMSG } from "../../netlink/message.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { exchanges, toHex } from "../../netlink/testing/exchanges.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { boot } from "../boot.ts";
import type { Kernel } from "../kernel.ts";
import { NetlinkEndpoint } from "../netlink/endpoint.ts";
import { dispatchGeneric } from "../netlink/generic-server.ts";
import { dispatchRtnetlink } from "../netlink/rtnetlink.ts";
import { profileOf } from "../profile.ts";

const ETHTOOL_FAMILY = 20;

function ask(kernel: Kernel, protocol: 0 | 16, messages: readonly NetlinkMessage[]): NetlinkMessage[] {
  const dispatch = protocol === 0 ? dispatchRtnetlink : dispatchGeneric;
  const endpoint = new NetlinkEndpoint(
    kernel.init,
    protocol,
    1,
    (to, message) => dispatch(kernel, to, message),
    () => {},
  );
  endpoint.setOption("extAck", true);
  endpoint.send(encodeMessages(messages));
  const received: NetlinkMessage[] = [];
  for (let bytes = endpoint.receive(); bytes !== undefined; bytes = endpoint.receive()) {
    received.push(...decodeMessages(bytes).messages);
  }
  return received;
}

/** A host like that of the recording: veth3 is device 4 and up. */
function host(): Kernel {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, linkKinds, []);
  const make = (ifname: string, kind: string): NetlinkMessage => ({
    type: RTM.NEWLINK,
    flags: NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL,
    seq: 1,
    portid: 0,
    body: encodeLink({ family: 0, type: 0, index: 0, flags: 1, change: 1, ifname, linkinfo: { kind } }),
  });
  ask(kernel, 0, [make("dummy0", "dummy"), make("veth3", "veth")]);
  const peer = kernel.init.deviceByIndex(3);
  if (peer) {
    const up = { family: 0, type: 0, index: 3, flags: 1, change: 1 };
    ask(kernel, 0, [{ type: RTM.SETLINK, flags: NLM_F.REQUEST, seq: 2, portid: 0, body: encodeLink(up) }]);
  }
  return kernel;
}

/** What a message says, without the numbers that each run has its own of. */
function meaning(message: NetlinkMessage): unknown {
  if (message.type !== NLMSG.ERROR) return [message.type, toHex(message.body)];
  const error = decodeError(message);
  if (isMalformed(error)) throw new Error(error.toString());
  return ["error", error.errno, error.extack];
}

describe("answers about a veth are those of Linux 6.1", () => {
  const kernel = host();
  const recorded = exchanges("linux-6.1", "generic").filter(
    ({ command }) => /veth3/.test(command) && !/ -P | -I /.test(command),
  );
  test.each(recorded.map((exchange) => [exchange.command, exchange] as const))("%s", (_command, exchange) => {
    const about = (message: NetlinkMessage): boolean => message.type === ETHTOOL_FAMILY;
    const asked = exchange.sent.filter(about);
    const seqs = new Set(asked.map((message) => `${message.seq} ${toHex(message.body.subarray(0, 1))}`));
    expect(seqs.size).toBeGreaterThan(0);
    for (const message of asked) {
      const isAnswer = (answer: NetlinkMessage): boolean =>
        answer.seq === message.seq &&
        (answer.type === ETHTOOL_FAMILY || (answer.type === NLMSG.ERROR && errorOf(answer) !== 0));
      const expected = exchange.received.filter(isAnswer).map(meaning);
      const answers = ask(kernel, 16, [message]);
      // The recording keeps the long list of names once. Two sockets may have used one number: then it has both answers.
      if (expected.length === 0 && message.body[0] === ETHTOOL_MSG.STRSET_GET) continue;
      for (const answer of answers.filter(isAnswer)) expect(expected).toContainEqual(meaning(answer));
      expect(answers.length).toBeGreaterThan(0);
    }
  });
});

function errorOf(message: NetlinkMessage): number {
  const error = decodeError(message);
  return isMalformed(error) ? -1 : error.errno;
}

test("the controller tells of the family as Linux 6.1 does", () => {
  const [first] = exchanges("linux-6.1", "generic").filter(({ command }) => command === "ethtool veth3");
  const [request] = first?.sent ?? [];
  const [answer] = first?.received ?? [];
  if (!request || !answer) throw new Error("no recording");
  expect(ask(host(), 16, [request]).map(meaning)[0]).toEqual(meaning(answer));
});

test("an unknown family and an unknown command are refused", () => {
  const body = new Uint8Array([99, 1, 0, 0]);
  const message = { flags: NLM_F.REQUEST | NLM_F.ACK, seq: 1, portid: 0, body };
  expect(ask(host(), 16, [{ ...message, type: 1000 }]).map(errorOf)).toEqual([2]);
  expect(ask(host(), 16, [{ ...message, type: ETHTOOL_FAMILY }]).map(errorOf)).toEqual([95]);
});
