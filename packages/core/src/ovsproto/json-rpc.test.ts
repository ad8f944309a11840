// A message that comes as it was written is not read; what a reader gets is what it would have read.

import { expect, test } from "vitest";
import type { Json } from "./json.ts";
import { JsonRpcDecoder, SentMessage } from "./json-rpc.ts";

let deep: Json = [];
for (let left = 1100; left > 0; left--) deep = [deep];

const results: Json[] = [
  { a: [1, -1, "é", null, true, {}], "0": "first" },
  [-0, 0.1 + 0.2, 1e300, 5.0],
  [2 ** 53, 9_007_199_254_740_993n],
  "a\u0001b",
  "a\0b",
  { "\0": 1 },
  "\ud800",
  deep,
];

test("messages mean the same, read or not", () => {
  for (const result of results) {
    const sent = new SentMessage({ type: "reply", id: 7, result });
    const read = new JsonRpcDecoder().feed(sent.bytes());
    expect(new JsonRpcDecoder().feed(sent)).toEqual(read);
    expect(read).toHaveLength(1);
  }
});

test("most are not read", () => {
  const params = [{ table: "Port", row: { name: "p1", tag: 7 } }];
  const [message] = new JsonRpcDecoder().feed(
    new SentMessage({ type: "request", id: 0, method: "transact", params }),
  );
  expect(message).toMatchObject({ type: "request" });
  expect((message as { readonly params: Json }).params).toBe(params);
});

test("a message behind a piece of another belongs to that", () => {
  const sent = new SentMessage({ type: "request", id: 0, method: "echo", params: [] });
  const decoder = new JsonRpcDecoder();
  expect(decoder.feed(new TextEncoder().encode('{"id":1,"result":'))).toEqual([]);
  expect(decoder.feed(sent)).toEqual([]);
  const [reply] = decoder.feed(new TextEncoder().encode(',"error":null}'));
  expect(reply).toMatchObject({ type: "reply", id: 1, result: { method: "echo" } });
});
