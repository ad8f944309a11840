// What a switch answers to messages of other versions and lengths. Replies and log lines are those of ovs-vswitchd 3.1.0 to the same
// bytes on BRIDGE.mgmt.

import { describe, expect, test } from "vitest";
import { streamSocketPair } from "../../../system/stream-sockets.ts";
import type { StreamSocket } from "../../../system/stream-sockets.ts";
import { OfConnection } from "./connection.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const NEVER = { cancel: () => {} };

/** A switch that does nothing but answer echo requests, at the other end of a connection. */
class Switch {
  readonly log: string[] = [];
  readonly #peer: StreamSocket;
  readonly #connection: OfConnection;
  readonly #due: (() => void)[] = [];

  constructor() {
    const [ours, peer] = streamSocketPair();
    this.#peer = peer;
    this.#connection = new OfConnection(
      ours,
      (_, fire) => {
        this.#due.push(fire);
        return NEVER;
      },
      {
        versions: 0b111_1110,
        handle: (connection, message) => {
          const { body } = message;
          if (body.type === "echo_request")
            connection.reply(message, { type: "echo_reply", payload: body.payload });
        },
        closed: () => {},
      },
      "br0<->unix#3",
      ({ module, level, text }) => this.log.push(`${module}|${level}|${text}`),
    );
  }

  get open(): boolean {
    return this.#connection.open;
  }

  /** Hexadecimal digits of what is answered, without the hello. */
  ask(...messages: readonly string[]): string {
    for (const message of messages) this.#peer.output.write(bytesOf(message));
    for (let fire = this.#due.shift(); fire; fire = this.#due.shift()) fire();
    let answer = "";
    while (this.#peer.input.ready) {
      const bytes = this.#peer.input.read();
      if (!bytes) break;
      answer += Buffer.from(bytes).toString("hex");
    }
    return answer.slice(HELLO.length);
  }
}

const HELLO = "0600000800000001";
const HELLO10 = "0100000800000001";

describe("a message of another version", () => {
  test("is refused in its own version", () => {
    const one = new Switch();
    expect(one.ask(HELLO10, "0205000800000002")).toBe("0201001400000002000100000205000800000002");
    expect(one.log).toEqual(["vconn|err|unix#3: received OpenFlow version 0x02 != expected 01"]);
  });
  test("that does not exist is refused in 1.0, and the next one is served", () => {
    const one = new Switch();
    const refused = "0101001400000001000100000005000800000001";
    expect(one.ask(HELLO10, "0005000800000001", "0902000800000003")).toBe(`${refused}0903000800000003`);
    expect(one.log).toContain("ofp_errors|err|cannot encode error for unknown OpenFlow version 0x00");
    expect(one.open).toBe(true);
  });
});

describe("a hello", () => {
  test("without a common version ends the connection in so many words", () => {
    const one = new Switch();
    const answer = one.ask("0500001000000001000100080000ff00");
    expect(answer.slice(0, 24)).toBe("010100890000000000000000");
    expect(Buffer.from(answer.slice(24), "hex").toString()).toBe(
      "We support version 0x06 and earlier, you support versions 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, no common versions.",
    );
    expect(one.open).toBe(false);
  });
  test("is what comes first", () => {
    const one = new Switch();
    expect(one.ask("0105000800000001")).toBe("");
    expect(one.open).toBe(false);
  });
});

describe("a message that is", () => {
  test("too short for its header ends the connection", () => {
    const one = new Switch();
    one.ask(HELLO10, "0105000700000001");
    expect(one.log).toEqual(["vconn_stream|err|received too-short ofp_header (7 bytes)"]);
    expect(one.open).toBe(false);
  });
  test("of a wrong length is refused, and told of", () => {
    const one = new Switch();
    expect(one.ask(HELLO10, "010500090000000200")).toBe("010100150000000200010006010500090000000200");
    expect(one.log).toEqual([
      "ofp_msgs|warn|received OFPT_FEATURES_REQUEST with incorrect length 9 (expected length 8)",
      "connmgr|info|br0<->unix#3: sending OFPBRC_BAD_LEN error reply to OFPT_FEATURES_REQUEST message",
    ]);
  });
});
