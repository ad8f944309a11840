// mount and umount: what those of util-linux 2.38 and Linux did for the same commands in a mount namespace.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

async function shell(): Promise<(line: string) => Promise<string>> {
  const replay = new Replay();
  await replay.start(["mkdir -p /tmp/a /tmp/b", "mount -t tmpfs x /tmp/a; echo hi > /tmp/a/f"]);
  return async (line) => {
    const { stdout, stderr } = await replay.run(line);
    return `${stdout}${stderr}`;
  };
}

test.each([
  ["--bind /proc", "proc /tmp/b proc rw,relatime 0 0"],
  ["--bind /tmp/a", "x /tmp/b tmpfs rw,relatime 0 0"],
  ["-o bind,ro /tmp/a", "x /tmp/b tmpfs ro,relatime 0 0"],
  ["--bind -o noexec /tmp/a", "x /tmp/b tmpfs rw,noexec,relatime 0 0"],
  ["-t tmpfs -o ro,size=64k,mode=755 y", "y /tmp/b tmpfs ro,relatime,size=64k,mode=755 0 0"],
  ["-t tmpfs -o size=1m,noatime,nosuid y", "y /tmp/b tmpfs rw,nosuid,noatime,size=1024k 0 0"],
  [
    "-t tmpfs -o nodiratime,noexec,nodev,nosuid,relatime,strictatime,sync,dirsync y",
    "y /tmp/b tmpfs rw,sync,dirsync,nosuid,nodev,noexec,nodiratime 0 0",
  ],
  [
    "-t tmpfs -o mode=700,uid=5,gid=6,nr_inodes=1k y",
    "y /tmp/b tmpfs rw,relatime,nr_inodes=1024,mode=700,uid=5,gid=6 0 0",
  ],
  ["-t proc -o ro,nosuid p", "p /tmp/b proc ro,nosuid,relatime 0 0"],
  ["-t sysfs -o rw s", "s /tmp/b sysfs rw,relatime 0 0"],
  ["-t tmpfs 'a b'", "a\\040b /tmp/b tmpfs rw,relatime 0 0"],
])("mount %s", async (words, line) => {
  const run = await shell();
  expect(await run(`mount ${words} /tmp/b; tail -n 1 /proc/mounts`)).toBe(`${line}\n`);
});

test("nothing is written through a mount that is read-only", async () => {
  const run = await shell();
  await run("mount -o bind,ro /tmp/a /tmp/b");
  expect(await run("cat /tmp/b/f; mkdir /tmp/b/d; rm /tmp/b/f; touch /tmp/b/x")).toBe(
    "hi\n" +
      "mkdir: cannot create directory '/tmp/b/d': Read-only file system\n" +
      "rm: cannot remove '/tmp/b/f': Read-only file system\n" +
      "touch: cannot touch '/tmp/b/x': Read-only file system\n",
  );
  expect(await run("echo x > /tmp/b/f")).toContain("/tmp/b/f: Read-only file system\n");
  expect(await run("echo more > /tmp/a/f; cat /tmp/b/f")).toBe("more\n");
});

test("a mount has other options from then on", async () => {
  const run = await shell();
  await run("mount -t tmpfs -o size=1m,noatime,nosuid y /tmp/b; touch /tmp/b/kept");
  expect(await run("mount -o remount,ro /tmp/b; tail -n 1 /proc/mounts; touch /tmp/b/x; ls /tmp/b")).toBe(
    "y /tmp/b tmpfs ro,nosuid,noatime,size=1024k 0 0\n" +
      "kept\n" +
      "touch: cannot touch '/tmp/b/x': Read-only file system\n",
  );
  expect(await run("mount -o remount,rw /tmp/b; touch /tmp/b/x; ls /tmp/b")).toBe("kept\nx\n");
});

const HINT = "       dmesg(1) may have more information after failed mount system call.\n";

test.each([
  ["mount -o remount /tmp/b", `mount: /tmp/b: mount point not mounted or bad option.\n${HINT}`],
  ["mount -o remount /nope", `mount: /nope: mount point does not exist.\n${HINT}`],
  ["mount --make-private /tmp/b", `mount: /tmp/b: not mount point or bad option.\n${HINT}`],
  ["mount --make-rprivate /", ""],
  ["mount --make-private", "mount: bad usage\nTry 'mount --help' for more information.\n"],
  ["mount --bind /nope /tmp/b", `mount: /tmp/b: special device /nope does not exist.\n${HINT}`],
  [
    "mount -t tmpfs -o bogus y /tmp/b",
    `mount: /tmp/b: wrong fs type, bad option, bad superblock on y, missing codepage or helper program, or other error.\n${HINT}`,
  ],
  ["umount /tmp/b", "umount: /tmp/b: not mounted.\n"],
])("%s", async (line, text) => {
  const run = await shell();
  expect(await run(line)).toBe(text);
});
