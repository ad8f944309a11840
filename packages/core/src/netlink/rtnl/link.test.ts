import { describe, expect, test } from "vitest";
import { isMalformed } from "../../wire/malformed.ts";
import { exchanges, toHex } from "../testing/exchanges.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { RTM } from "./types.ts";

describe("links", () => {
  test("what Linux 6.1 sent is encoded to the same bytes", () => {
    let count = 0;
    for (const { command, received } of exchanges("linux-6.1", "link")) {
      for (const message of received) {
        if (message.type !== RTM.NEWLINK && message.type !== RTM.DELLINK) continue;
        const link = decodeLink(message.body);
        if (isMalformed(link)) throw new Error(`${command}: ${link}`);
        expect(toHex(encodeLink(link)), command).toBe(toHex(message.body));
        expect(link.unknown, command).toBeUndefined();
        count++;
      }
    }
    expect(count).toBeGreaterThan(60);
  });
});
