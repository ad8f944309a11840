// A client that sends garbage, half messages or endless nesting, or that goes away in the middle: it alone is closed, and
// the others go on.

import { describe, expect, test } from "vitest";
import { parseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { openVswitchSchema } from "../../ovsproto/ovsdb/open-vswitch-schema.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { streamSocketPair } from "../../system/stream-sockets.ts";
import { Database } from "../../ovsdb/database.ts";
import { OvsdbServer } from "./server.ts";

function host() {
  const due: (() => void)[] = [];
  let seed = 7;
  const random32 = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
  const server = new OvsdbServer({
    monotonic: () => 0,
    after: (_, fire) => {
      due.push(fire);
      return { cancel: () => void due.splice(due.indexOf(fire) >>> 0, 1) };
    },
    random32,
  });
  server.add(new Database(parseSchema(openVswitchSchema), random32));
  const settle = (): void => {
    for (let fire = due.shift(); fire; fire = due.shift()) fire();
  };
  const connect = (): StreamSocket => {
    const [client, served] = streamSocketPair();
    server.accept(served);
    return client;
  };
  return { server, settle, connect, random32 };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function readAll(socket: StreamSocket): string | null {
  let out = "";
  for (;;) {
    const part = socket.input.read();
    if (part === null) return out === "" ? null : out;
    if (part === undefined) return out;
    out += new TextDecoder().decode(part);
  }
}

/** True if a client that behaves is still answered. */
function answers({ connect, settle }: ReturnType<typeof host>): boolean {
  const client = connect();
  client.output.write(bytes('{"id":1,"method":"list_dbs","params":[]}'));
  settle();
  const reply = readAll(client);
  client.close();
  settle();
  return reply === '{"id":1,"result":["Open_vSwitch","_Server"],"error":null}';
}

describe("bad input closes the connection of its sender", () => {
  test.each([
    ["no JSON", "hello "],
    ["a string", '"x"'],
    ["an array", "[]"],
    ["an unknown member", '{"foo":1}'],
    ["a method that is no string", '{"id":1,"method":5,"params":[]}'],
    ["params that are no array", '{"id":1,"method":"echo","params":{}}'],
    ["a reply without an id", '{"result":5}'],
    ["nesting without end", "[".repeat(1 << 20)],
    ["nesting of objects", '{"a":'.repeat(1 << 18)],
    ["a bad escape", '{"id":1,"method":"\\x","params":[]}'],
    ["bytes that are no UTF-8", "\u{fffd}"],
  ])("%s", (name, text) => {
    const all = host();
    const client = all.connect();
    client.output.write(name.includes("UTF-8") ? Uint8Array.of(0x7b, 0x22, 0xff, 0xfe) : bytes(text));
    all.settle();
    expect(readAll(client)).toBeNull();
    expect(all.server.sessions).toBe(0);
    expect(answers(all)).toBe(true);
  });
});

test("half a message waits, and its sender may go away", () => {
  const all = host();
  const client = all.connect();
  client.output.write(bytes('{"id":1,"method":"transact","params":["Open_vSwitch",{"op":"ins'));
  all.settle();
  expect(readAll(client)).toBe("");
  client.close();
  all.settle();
  expect(all.server.sessions).toBe(0);
  expect(answers(all)).toBe(true);
});

test("a client that goes away while it waits and owns a lock leaves nothing behind", () => {
  const all = host();
  const client = all.connect();
  const other = all.connect();
  client.output.write(bytes('{"id":0,"method":"lock","params":["l"]}'));
  client.output.write(
    bytes(
      '{"id":1,"method":"transact","params":["Open_vSwitch",{"op":"wait","table":"Bridge","where":[],"until":"!=","rows":[]}]}',
    ),
  );
  all.settle();
  other.output.write(bytes('{"id":0,"method":"lock","params":["l"]}'));
  all.settle();
  expect(readAll(other)).toBe('{"id":0,"result":{"locked":false},"error":null}');
  client.close();
  all.settle();
  expect(readAll(other)).toBe('{"id":null,"method":"locked","params":["l"]}');
  expect(answers(all)).toBe(true);
});

test("random mutations of a request never reach anybody else", () => {
  const all = host();
  const request = bytes(
    '{"id":[1,"x"],"method":"transact","params":["Open_vSwitch",{"op":"insert","table":"Open_vSwitch","row":{"next_cfg":1,"external_ids":["map",[["a","b"]]]}},{"op":"mutate","table":"Open_vSwitch","where":[["next_cfg",">",0]],"mutations":[["next_cfg","+=",1]]}]}',
  );
  for (let round = 0; round < 2000; round++) {
    const mutated = Uint8Array.from(request);
    for (let times = 1 + (all.random32() >>> 30); times > 0; times--) {
      mutated[all.random32() % mutated.length] = all.random32() >>> 24;
    }
    const cut = all.random32() % 8 === 0 ? all.random32() % mutated.length : mutated.length;
    const client = all.connect();
    client.output.write(mutated.subarray(0, cut));
    all.settle();
    client.close();
    all.settle();
  }
  expect(all.server.sessions).toBe(0);
  expect(answers(all)).toBe(true);
});
