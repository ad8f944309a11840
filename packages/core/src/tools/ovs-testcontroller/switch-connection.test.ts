// Probes of silent switches, as ovs-testcontroller 3.1 sends them: seen at a socket that has said hello and nothing more.

import { describe, expect, test } from "vitest";
import { streamSocketPair } from "../../system/stream-sockets.ts";
import { readConfig } from "./options.ts";
import { SwitchConnection } from "./switch-connection.ts";

const HELLO_13 = Uint8Array.of(4, 0, 0, 8, 0, 0, 0, 1);
const ECHO_REQUEST = Uint8Array.of(4, 2, 0, 8, 0, 0, 0, 0);
const ECHO_REPLY = Uint8Array.of(4, 3, 0, 8, 0, 0, 0, 0);

function connected() {
  let now = 100;
  const [controller, peer] = streamSocketPair();
  const config = readConfig([], () => {});
  const connection = new SwitchConnection(controller, config, [], () => now);
  const read = (): number[] => [...(peer.input.read() ?? [])];
  peer.output.write(HELLO_13);
  connection.run();
  while (read().length > 0);
  return { connection, peer, read, pass: (seconds: number) => (now += seconds) };
}

describe("a silent switch", () => {
  test("is asked after a minute, and left after another one", () => {
    const { connection, read, pass } = connected();
    pass(59);
    expect(connection.probe()).toBe(1);
    expect(read()).toEqual([]);
    pass(1);
    expect(connection.probe()).toBe(60);
    expect(read()).toEqual([...ECHO_REQUEST]);
    pass(60);
    connection.probe();
    expect(connection.open).toBe(false);
  });

  test("that answers is asked again a minute later", () => {
    const { connection, peer, read, pass } = connected();
    pass(60);
    connection.probe();
    expect(read()).toEqual([...ECHO_REQUEST]);
    pass(30);
    peer.output.write(ECHO_REPLY);
    connection.run();
    expect(connection.probe()).toBe(60);
    pass(60);
    connection.probe();
    expect(connection.open).toBe(true);
    expect(read()).toEqual([...ECHO_REQUEST]);
  });
});
