// A switch that goes away while ovs-ofctl talks with it. The texts are the real tool's, with a server that did the same.

import { expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { TestSystem } from "../../shell/testing/test-system.ts";
import { exitCode, Process } from "../../system/process.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { descriptor, sinkOutput } from "../../system/streams.ts";
import { bytesFromHex } from "../../wire/hex.ts";
import { ovsOfctl } from "./ovs-ofctl.ts";

const HELLO = "0100000800000001";

/** A connection on which this comes, one after the other: bytes, an error, and at last its end. */
function connection(coming: readonly (string | number)[], greets: boolean): StreamSocket {
  const left = [...coming];
  return {
    input: {
      ready: true,
      subscribe: () => () => {},
      unread: () => {},
      read: () => {
        const next = left.shift();
        if (typeof next === "number") throw new Refusal(next);
        return next === undefined ? null : bytesFromHex(next);
      },
    },
    output: {
      ready: true,
      subscribe: () => () => {},
      write: () => {
        if (!greets) throw new Refusal(ERRNO.EPIPE);
      },
    },
    endOutput: () => {},
    close: () => {},
  };
}

class WithSwitch extends TestSystem {
  readonly #socket: StreamSocket;

  constructor(socket: StreamSocket) {
    super();
    this.#socket = socket;
  }

  override connectStream(): StreamSocket {
    return this.#socket;
  }
}

async function errorsOf(command: string, socket: StreamSocket): Promise<string> {
  const system = new WithSwitch(socket);
  const decoder = new TextDecoder();
  let text = "";
  const output = sinkOutput((bytes) => (text += decoder.decode(bytes)));
  const process = Process.start(system, () => undefined, ovsOfctl, {
    argv: ["ovs-ofctl", ...command.split(" ")],
    cwd: "/tmp",
    netns: system.initialNetns,
    fds: new Map([[2, descriptor({ output })]]),
  });
  await system.runUntil(() => process.status !== undefined);
  return `${text.replace(/^\S+?Z\|/gm, "")}${process.status ? exitCode(process.status) : -1}`;
}

const AT = "unix:/run/x";

test.each<[string, string, (string | number)[], string]>([
  [
    "before the hello",
    "dump-flows",
    [ERRNO.ECONNRESET],
    `${AT}: failed to connect to socket (Connection reset by peer)\n`,
  ],
  ["after it", "dump-flows", [HELLO], `talking to ${AT} (End of file)\n`],
  [
    "with a request unread",
    "dump-flows",
    [HELLO, ERRNO.ECONNRESET],
    `talking to ${AT} (Connection reset by peer)\n`,
  ],
  ["while names of tables are asked for", "del-flows", [HELLO], "OpenFlow receive failed (End of file)\n"],
])("it goes away %s", async (_, command, coming, said) => {
  expect(await errorsOf(`${command} ${AT}`, connection(coming, true))).toBe(`ovs-ofctl: ${said}1`);
});

test("it takes no hello", async () => {
  expect(await errorsOf(`show ${AT}`, connection([], false))).toBe(
    `ovs-ofctl: connecting to ${AT} (Broken pipe)\n1`,
  );
});

test.each([
  ["011100", "connection dropped mid-packet"],
  ["0111000400000002", "received too-short ofp_header (4 bytes)"],
])("half a message, %s", async (bytes, logged) => {
  expect(await errorsOf(`show ${AT}`, connection([HELLO, bytes], true))).toBe(
    `00001|vconn_stream|ERR|${logged}\novs-ofctl: talking to ${AT} (Protocol error)\n1`,
  );
});
