// Unix sockets of the embedded host: files, connections, and the errors of unix(7).

import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { boot } from "../boot.ts";
import { profileOf } from "../profile.ts";
import { Vfs } from "../files/vfs.ts";
import { UnixSockets } from "./unix.ts";

function host() {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, [], []);
  const vfs = new Vfs(kernel, { hostName: "host", processes: () => [] });
  const caller = { pid: 1, cwd: "/tmp", netns: { inode: kernel.init.inode } };
  return { sockets: new UnixSockets(vfs), files: vfs.filesFor(caller), caller };
}

function errno(call: () => unknown): number {
  try {
    call();
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  }
  return 0;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (socket: StreamSocket): string | null | undefined => {
  const got = socket.input.read();
  return got ? new TextDecoder().decode(got) : got;
};

describe("a listening socket", () => {
  test("is a file, and takes connections in order", () => {
    const { sockets, files, caller } = host();
    const listener = sockets.listen("a.sock", caller);
    expect(files.status("/tmp/a.sock")).toMatchObject({ type: "socket", mode: 0o755, size: 0 });
    expect(errno(() => files.open("/tmp/a.sock", { read: true }))).toBe(ERRNO.ENXIO);
    expect(listener.ready).toBe(false);
    let woken = 0;
    listener.subscribe(() => woken++);
    const client = sockets.connect("/tmp/a.sock", caller);
    expect(client.remote).toEqual({ family: "unix", path: "/tmp/a.sock" });
    expect([listener.ready, woken]).toEqual([true, 1]);
    const server = listener.accept();
    expect(listener.accept()).toBeUndefined();
    client.output.write(bytes("hello"));
    if (!server) throw new Error("nothing to accept");
    expect(read(server)).toBe("hello");
    server.output.write(bytes("and back"));
    server.close();
    expect([read(client), read(client)]).toEqual(["and back", null]);
    expect(errno(() => client.output.write(bytes("x")))).toBe(ERRNO.EPIPE);
  });
  test("asks writers to pause when 64 KiB are on the way", () => {
    const { sockets, caller } = host();
    const listener = sockets.listen("a.sock", caller);
    const client = sockets.connect("a.sock", caller);
    const server = listener.accept();
    client.output.write(new Uint8Array(65536));
    expect(client.output.ready).toBe(false);
    server?.input.read();
    expect(client.output.ready).toBe(true);
  });
  test("that has closed leaves its file, and its waiting clients at the end", () => {
    const { sockets, files, caller } = host();
    const listener = sockets.listen("a.sock", caller);
    const client = sockets.connect("a.sock", caller);
    listener.close();
    expect(read(client)).toBeNull();
    expect(errno(() => sockets.connect("a.sock", caller))).toBe(ERRNO.ECONNREFUSED);
    expect(errno(() => sockets.listen("a.sock", caller))).toBe(ERRNO.EADDRINUSE);
    files.unlink("a.sock");
    expect(errno(() => sockets.connect("a.sock", caller))).toBe(ERRNO.ENOENT);
    expect(errno(() => sockets.listen("a.sock", caller))).toBe(0);
  });
  test("is found by its file, wherever that is moved", () => {
    const { sockets, files, caller } = host();
    sockets.listen("a.sock", caller);
    files.rename("a.sock", "b.sock");
    files.symlink("b.sock", "c.sock");
    expect(errno(() => sockets.connect("a.sock", caller))).toBe(ERRNO.ENOENT);
    expect(errno(() => sockets.connect("c.sock", caller))).toBe(0);
  });
});

test("paths that lead nowhere", () => {
  const { sockets, files, caller } = host();
  files.writeFile("plain", bytes("x"));
  expect(errno(() => sockets.connect("plain", caller))).toBe(ERRNO.ECONNREFUSED);
  expect(errno(() => sockets.listen("/nowhere/a.sock", caller))).toBe(ERRNO.ENOENT);
  expect(errno(() => sockets.connect(`/tmp/${"x".repeat(103)}`, caller))).toBe(ERRNO.EINVAL);
});

test("a service of the host answers within connect, and takes its file along", () => {
  const { sockets, files, caller } = host();
  files.makeDirectory("/run/service");
  const connected: StreamSocket[] = [];
  let changes = 0;
  sockets.subscribe(() => changes++);
  const service = sockets.serve("/run/service/ctl", 0o750, (socket) => connected.push(socket));
  expect(files.status("/var/run/service/ctl")).toMatchObject({ type: "socket", mode: 0o750 });
  const client = sockets.connect("/var/run/service/ctl", caller);
  expect(connected).toHaveLength(1);
  service.close();
  expect(files.readDirectory("/run/service")).toEqual([]);
  expect(changes).toBe(2);
  connected[0]?.output.write(bytes("still there"));
  expect(read(client)).toBe("still there");
});
