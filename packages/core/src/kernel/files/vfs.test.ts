// The file tree of the embedded host: paths, tmpfs, mounts of namespaces, and the errors of the real calls. The errors of
// /proc and /sys were recorded on Linux 6.1.

import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { FileSystem } from "../../system/files.ts";
import type { ProcessEntry } from "../../system/system.ts";
import { boot } from "../boot.ts";
import type { Kernel } from "../kernel.ts";
import { createNetns } from "../netns-life.ts";
import type { Netns } from "../netns.ts";
import { profileOf } from "../profile.ts";
import { Vfs } from "./vfs.ts";

interface Host {
  readonly kernel: Kernel;
  readonly vfs: Vfs;
  readonly files: FileSystem;
  in(netns: Netns): FileSystem;
}

function host(): Host {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 1_700_000_000_000_000 }, [], []);
  const processes: ProcessEntry[] = [];
  const vfs = new Vfs(kernel, { hostName: "host", processes: () => processes });
  const view = (netns: Netns): FileSystem => {
    const pid = 1000 + processes.length;
    const process = {
      pid,
      parentPid: 1,
      argv: ["/bin/cat", "file"],
      netns: { inode: netns.inode },
      cwd: "/tmp",
    };
    processes.push(process);
    return vfs.filesFor(process);
  };
  return { kernel, vfs, files: view(kernel.init), in: view };
}

function errno(call: () => unknown): keyof typeof ERRNO | undefined {
  try {
    call();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return (Object.keys(ERRNO) as (keyof typeof ERRNO)[]).find((name) => ERRNO[name] === refusal.errno);
  }
  return undefined;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (files: FileSystem, path: string): string => new TextDecoder().decode(files.readFile(path));

describe("tmpfs", () => {
  test("a file keeps what was written, appended and truncated", () => {
    const { files } = host();
    files.writeFile("/tmp/a", bytes("one\n"));
    files.writeFile("a", bytes("two\n"), { append: true });
    expect(read(files, "/tmp/a")).toBe("one\ntwo\n");
    files.writeFile("/tmp/a", bytes("x"));
    expect(read(files, "/tmp/./../tmp//a")).toBe("x");
    expect(files.status("a")).toMatchObject({ type: "file", size: 1, mode: 0o644 });
  });
  test("an open file stays when its name is gone", () => {
    const { files } = host();
    const file = files.open("/tmp/a", { read: true, write: true, create: true });
    files.unlink("/tmp/a");
    file.write(bytes("kept"));
    expect(errno(() => files.readFile("/tmp/a"))).toBe("ENOENT");
  });
  test("names are listed newest first", () => {
    const { files } = host();
    for (const name of ["b", "a", "c"]) files.makeDirectory(`/tmp/${name}`);
    expect(files.readDirectory("/tmp")).toEqual(["c", "a", "b"]);
    files.rename("/tmp/b", "/tmp/d");
    expect(files.readDirectory("/tmp")).toEqual(["d", "c", "a"]);
  });
  test("symbolic links are followed, and loops end", () => {
    const { files } = host();
    files.makeDirectory("/tmp/d");
    files.writeFile("/tmp/d/f", bytes("f"));
    files.symlink("d", "/tmp/l");
    files.symlink("/tmp/l/f", "/tmp/d/abs");
    files.symlink("loop", "/tmp/loop");
    expect(read(files, "/tmp/l/abs")).toBe("f");
    expect(files.realPath("l/../l/abs")).toBe("/tmp/d/f");
    expect(files.readLink("l")).toBe("d");
    expect(files.linkStatus("l").type).toBe("symlink");
    expect(errno(() => files.readFile("/tmp/loop"))).toBe("ELOOP");
    files.symlink("/tmp/new", "/tmp/dangling");
    files.writeFile("/tmp/dangling", bytes("made"));
    expect(read(files, "/tmp/new")).toBe("made");
  });
  test.each<[string, (files: FileSystem) => unknown]>([
    ["ENOENT", (f) => f.readFile("")],
    ["ENOENT", (f) => f.readFile("/tmp/no/file")],
    ["ENOTDIR", (f) => f.readFile("/tmp/file/x")],
    ["ENOTDIR", (f) => f.readFile("/tmp/file/")],
    ["EISDIR", (f) => f.readFile("/tmp")],
    ["EISDIR", (f) => f.writeFile("/tmp", bytes("x"))],
    ["EEXIST", (f) => f.makeDirectory("/tmp")],
    ["EEXIST", (f) => f.open("/tmp/file", { write: true, create: true, exclusive: true })],
    ["EEXIST", (f) => f.symlink("x", "/tmp/file")],
    ["ENOTDIR", (f) => f.readDirectory("/tmp/file")],
    ["ENOTDIR", (f) => f.removeDirectory("/tmp/file")],
    ["ENOTEMPTY", (f) => f.removeDirectory("/tmp/full")],
    ["EBUSY", (f) => f.removeDirectory("/proc")],
    ["EINVAL", (f) => f.removeDirectory("/tmp/full/.")],
    ["EISDIR", (f) => f.unlink("/tmp/full")],
    ["EINVAL", (f) => f.readLink("/tmp/file")],
    ["EXDEV", (f) => f.rename("/tmp/file", "/proc/file")],
    ["EINVAL", (f) => f.rename("/tmp/full", "/tmp/full/inside")],
    ["EISDIR", (f) => f.rename("/tmp/file", "/tmp/full")],
    ["ENOTDIR", (f) => f.rename("/tmp/full", "/tmp/file")],
    ["ENAMETOOLONG", (f) => f.readFile(`/tmp/${"x".repeat(256)}`)],
  ])("%s (%#)", (name, call) => {
    const { files } = host();
    files.writeFile("/tmp/file", bytes("x"));
    files.makeDirectory("/tmp/full");
    files.makeDirectory("/tmp/full/sub");
    expect(errno(() => call(files))).toBe(name);
  });
});

describe("namespace files", () => {
  test("a bind mount gives a file the namespace's identity and protects it", () => {
    const { kernel, vfs, files } = host();
    const netns = createNetns(kernel);
    files.makeDirectory("/run/netns");
    files.writeFile("/run/netns/blue", bytes(""));
    const plain = files.status("/run/netns/blue");
    vfs.mountNetns("/run/netns/blue", netns);
    expect(files.status("/run/netns/blue")).toMatchObject({ inode: netns.inode, type: "file", mode: 0o444 });
    expect(files.status("/run/netns/blue").device).not.toBe(plain.device);
    const caller = { pid: 1, cwd: "/run/netns", netns: { inode: kernel.init.inode } };
    expect(vfs.openNetns("blue", caller)).toBe(netns);
    expect(errno(() => files.unlink("/run/netns/blue"))).toBe("EBUSY");
    expect(read(files, "/proc/mounts")).toContain("nsfs /run/netns/blue nsfs rw 0 0\n");
    expect(vfs.unmount("/run/netns/blue")).toBe(netns);
    expect(errno(() => vfs.unmount("/run/netns/blue"))).toBe("EINVAL");
    expect(errno(() => vfs.openNetns("blue", caller))).toBe("EINVAL");
    expect(errno(() => vfs.openNetns("red", caller))).toBe("ENOENT");
    files.unlink("/run/netns/blue");
  });
  test("/proc/PID/ns/net leads to the process's namespace", () => {
    const { kernel, vfs, in: enter } = host();
    const netns = createNetns(kernel);
    const files = enter(netns);
    expect(files.readLink("/proc/self/ns/net")).toBe(`net:[${netns.inode}]`);
    expect(files.status("/proc/self/ns/net").inode).toBe(netns.inode);
    expect(files.status("/proc/1000/ns/net").inode).toBe(kernel.init.inode);
    const caller = { pid: 1001, cwd: "/", netns: { inode: netns.inode } };
    expect(vfs.openNetns("/proc/self/ns/net", caller)).toBe(netns);
    expect(vfs.openNetns("/proc/1000/ns/net", caller)).toBe(kernel.init);
  });
});

describe("/proc and /sys", () => {
  test.each<[string, (files: FileSystem) => unknown]>([
    ["EACCES", (f) => f.writeFile("/sys/class/net/nofile", bytes("1"))],
    ["ENOENT", (f) => f.writeFile("/proc/nofile", bytes("1"))],
    ["ENOENT", (f) => f.writeFile("/proc/sys/net/nofile", bytes("1"))],
    ["EPERM", (f) => f.makeDirectory("/sys/class/net/x")],
    ["ENOENT", (f) => f.makeDirectory("/proc/x")],
    ["ENOENT", (f) => f.makeDirectory("/proc/sys/net/x")],
    ["EPERM", (f) => f.unlink("/sys/class/net/lo/mtu")],
    ["EACCES", (f) => f.unlink("/proc/sys/kernel/hostname")],
    ["EPERM", (f) => f.removeDirectory("/sys/class/net/lo/queues")],
    ["EACCES", (f) => f.writeFile("/sys/class/net/lo/ifindex", bytes("5"))],
    ["EACCES", (f) => f.writeFile("/proc/net/dev", bytes("5"))],
    ["EACCES", (f) => f.writeFile("/proc/sys/kernel/ostype", bytes("5"))],
    ["EIO", (f) => f.writeFile("/proc/uptime", bytes("5"))],
    ["EIO", (f) => f.readFile("/sys/class/net/lo/power/autosuspend_delay_ms")],
    ["EINVAL", (f) => f.writeFile("/sys/class/net/lo/mtu", bytes("abc\n"))],
    ["ERANGE", (f) => f.writeFile("/sys/class/net/lo/mtu", bytes("99999999999999999999\n"))],
    ["ERANGE", (f) => f.writeFile("/sys/class/net/lo/tx_queue_len", bytes("9000000000\n"))],
    ["EOPNOTSUPP", (f) => f.writeFile("/sys/class/net/lo/carrier", bytes("1\n"))],
    ["EOPNOTSUPP", (f) => f.writeFile("/sys/class/net/lo/proto_down", bytes("1\n"))],
    ["EOPNOTSUPP", (f) => f.readFile("/sys/class/net/lo/phys_port_id")],
    ["EINVAL", (f) => f.readFile("/sys/class/net/lo/carrier")],
    ["EINVAL", (f) => f.readFile("/sys/class/net/lo/speed")],
    ["EOVERFLOW", (f) => f.writeFile("/sys/class/net/lo/queues/rx-0/rps_cpus", bytes("f\n"))],
    ["ENOENT", (f) => f.readFile("/sys/class/net/lo/queues/tx-0/traffic_class")],
    ["EISDIR", (f) => f.readFile("/sys/class/net/lo")],
  ])("%s (%#)", (name, call) => {
    expect(errno(() => call(host().files))).toBe(name);
  });
  test("a view shows the devices of its namespace", () => {
    const { kernel, files, in: enter } = host();
    expect(files.readDirectory("/sys/class/net")).toEqual(["lo"]);
    expect(files.realPath("/sys/class/net/lo")).toBe("/sys/devices/virtual/net/lo");
    expect(files.readLink("/sys/class/net/lo/subsystem")).toBe("../../../../class/net");
    const other = enter(createNetns(kernel));
    other.writeFile("/sys/class/net/lo/flags", bytes("0x9\n"));
    expect(read(other, "/sys/class/net/lo/flags")).toBe("0x9\n");
    expect(read(files, "/sys/class/net/lo/flags")).toBe("0x8\n");
    expect(read(other, "/proc/net/dev")).toContain("\n    lo:       0       0    0");
  });
  test("directories are listed in the order of the kernel", () => {
    const { files } = host();
    // as ls -U showed on Linux 6.1
    expect(files.readDirectory("/sys/class/net/lo/statistics").slice(0, 6)).toEqual([
      "tx_errors",
      "rx_length_errors",
      "rx_packets",
      "tx_carrier_errors",
      "tx_dropped",
      "rx_missed_errors",
    ]);
    expect(files.readDirectory("/proc/net")).toEqual([
      "dev",
      "ptype",
      "netlink",
      "dev_mcast",
      "softnet_stat",
    ]);
    expect(files.readDirectory("/proc/sys")).toEqual(["kernel", "net"]);
  });
  test("settings of the core exist where the kernel has them", () => {
    const { kernel, files, in: enter } = host();
    const inside = enter(createNetns(kernel));
    expect(files.readDirectory("/proc/sys/net/core")).toHaveLength(41);
    expect(inside.readDirectory("/proc/sys/net/core")).toEqual([
      "somaxconn",
      "txrehash",
      "xfrm_acq_expires",
      "xfrm_aevent_etime",
      "xfrm_aevent_rseqth",
      "xfrm_larval_drop",
    ]);
    files.writeFile("/proc/sys/net/core/somaxconn", bytes("128\n"));
    expect(read(files, "/proc/sys/net/core/somaxconn")).toBe("128\n");
    expect(read(inside, "/proc/sys/net/core/somaxconn")).toBe("4096\n");
    expect(errno(() => files.writeFile("/proc/sys/net/core/dev_weight", bytes("0\n")))).toBe("EINVAL");
    files.writeFile("/proc/sys/net/core/netdev_max_backlog", bytes("5000\n"));
    expect(kernel.softirq.limit).toBe(5000);
  });
  test("attributes keep what is written", () => {
    const { files } = host();
    files.writeFile("/sys/class/net/lo/ifalias", bytes("hello\n"));
    expect(read(files, "/sys/class/net/lo/ifalias")).toBe("hello\n");
    files.writeFile("/sys/class/net/lo/ifalias", bytes("\n"));
    expect(read(files, "/sys/class/net/lo/ifalias")).toBe("");
    files.writeFile("/sys/class/net/lo/queues/rx-0/rps_flow_cnt", bytes("33\n"));
    expect(read(files, "/sys/class/net/lo/queues/rx-0/rps_flow_cnt")).toBe("64\n");
    files.writeFile("/sys/class/net/lo/netdev_group", bytes("0x7\n"));
    expect(read(files, "/sys/class/net/lo/netdev_group")).toBe("7\n");
    files.writeFile("/proc/sys/kernel/hostname", bytes("other\n"));
    expect(read(files, "/proc/sys/kernel/hostname")).toBe("other\n");
  });
  test("a link that is the current directory is followed", () => {
    const { kernel, vfs } = host();
    const files = vfs.filesFor({
      pid: 1,
      cwd: "/sys/class/net/lo",
      netns: { inode: kernel.init.inode },
    });
    expect(files.linkStatus(".").type).toBe("directory");
    expect(read(files, "mtu")).toBe("65536\n");
    expect(files.linkStatus("../lo").type).toBe("directory");
  });
  test("a process sees itself", () => {
    const { files } = host();
    expect(read(files, "/proc/self/cmdline")).toBe("/bin/cat\0file\0");
    expect(read(files, "/proc/self/comm")).toBe("cat\n");
    expect(files.realPath("/proc/net/dev")).toBe("/proc/1000/net/dev");
    expect(files.readDirectory("/proc")).toContain("1000");
    expect(read(files, "/proc/uptime")).toBe("60.00 60.00\n");
  });
});
