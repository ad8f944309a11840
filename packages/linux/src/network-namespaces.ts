// Network namespaces of the real kernel as descriptors of this process. The main thread visits a namespace for the
// length of one synchronous call: sockets stay where they were made, and /proc/net and /proc/sys/net follow the thread.
// Threads of libuv's pool keep the namespace of their first use, so they are started before the first visit.

import { closeSync, fstatSync, openSync, stat } from "node:fs";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { NetnsReference } from "@patchcord/core/system/system.ts";
import { readU64HostBig } from "@patchcord/core/netlink/host-bytes.ts";
import { detachedMount, getOption, libc } from "./libc.ts";
import { AF } from "./socket-address.ts";
import { SO, SOCK, SOL } from "./socket-constants.ts";

export const CLONE_NEWNET = 0x4000_0000;
const NS_GET_NSTYPE = 0xb703;
export const THREAD_NETNS = "/proc/thread-self/ns/net";

/** An open namespace. Its descriptor keeps it alive. */
export interface LinuxNetns extends NetnsReference {
  readonly fd: number;
  /** Descriptor of the root of its sysfs, once that was needed. */
  sysfs: number | undefined;
  cookie: string | undefined;
}

export class NetworkNamespaces {
  readonly home: LinuxNetns;
  readonly #open = new Map<number, LinuxNetns>();
  #current: LinuxNetns;

  constructor() {
    stat("/", () => {}); // starts the threads of the pool
    this.home = this.#adopt(openSync(THREAD_NETNS, "r"));
    this.#current = this.home;
  }

  #adopt(fd: number): LinuxNetns {
    const inode = fstatSync(fd).ino;
    const known = this.#open.get(inode);
    if (known) {
      closeSync(fd);
      return known;
    }
    const netns: LinuxNetns = { inode, fd, sysfs: undefined, cookie: undefined };
    this.#open.set(inode, netns);
    return netns;
  }

  /** The open namespace behind a reference. Errors: EINVAL if it was closed. */
  get(reference: NetnsReference): LinuxNetns {
    const netns = this.#open.get(reference.inode);
    if (!netns) throw new Refusal(ERRNO.EINVAL);
    return netns;
  }

  /** Runs `visit`, which must not be asynchronous, in a namespace. */
  within<T>(reference: NetnsReference, visit: () => T): T {
    const netns = this.get(reference);
    const before = this.#current;
    if (netns === before) return visit();
    libc.setns(netns.fd, CLONE_NEWNET);
    this.#current = netns;
    try {
      return visit();
    } finally {
      libc.setns(before.fd, CLONE_NEWNET);
      this.#current = before;
    }
  }

  /** unshare(CLONE_NEWNET). Errors: EPERM, ENOSPC (user.max_net_namespaces). */
  create(): LinuxNetns {
    libc.unshare(CLONE_NEWNET);
    try {
      return this.#adopt(openSync(THREAD_NETNS, "r"));
    } finally {
      libc.setns(this.#current.fd, CLONE_NEWNET);
    }
  }

  /** Errors: those of open(2), EINVAL if the file is no network namespace. */
  open(path: string): LinuxNetns {
    const fd = libc.open(path, 0o2000000 /* O_RDONLY | O_CLOEXEC */, 0);
    try {
      if (libc.ioctl(fd, NS_GET_NSTYPE, 0) !== CLONE_NEWNET) throw new Refusal(ERRNO.EINVAL);
    } catch (refusal) {
      closeSync(fd);
      // What is no nsfs file does not know the request; setns(2) says EINVAL.
      if (refusal instanceof Refusal && refusal.errno === ERRNO.ENOTTY) throw new Refusal(ERRNO.EINVAL);
      throw refusal;
    }
    return this.#adopt(fd);
  }

  /** Number of the namespace that no other one gets while the machine runs (Linux 5.14; before that the inode's). */
  cookieOf(netns: LinuxNetns): string {
    netns.cookie ??= this.within(netns, () => {
      const fd = libc.socket(AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0);
      try {
        return String(readU64HostBig(getOption(fd, SOL.SOCKET, SO.NETNS_COOKIE, 8), 0));
      } catch (refusal) {
        if (refusal instanceof Refusal && refusal.errno === ERRNO.ENOPROTOOPT) return `inode ${netns.inode}`;
        throw refusal;
      } finally {
        libc.close(fd);
      }
    });
    return netns.cookie;
  }

  /** The open namespace with this descriptor. */
  ofDescriptor(fd: number): LinuxNetns | undefined {
    for (const netns of this.#open.values()) if (netns.fd === fd) return netns;
    return undefined;
  }

  /** Path of the namespace's own /sys. The process's is that of the namespace in which it was mounted. */
  sysfsRoot(netns: LinuxNetns): string {
    netns.sysfs ??= this.within(netns, () => detachedMount("sysfs"));
    return `/proc/self/fd/${netns.sysfs}`;
  }

  /** A path of a process in the namespace, as the machine knows it. */
  pathIn(netns: LinuxNetns, path: string): string {
    if (netns === this.home || !/^\/sys(?:\/|$)/.test(path)) return path;
    return `${this.sysfsRoot(netns)}${path.slice("/sys".length)}`;
  }

  /** Closes every namespace that `inUse` does not want. */
  closeUnused(inUse: (inode: number) => boolean): void {
    for (const netns of this.#open.values()) {
      if (netns === this.home || inUse(netns.inode)) continue;
      this.#open.delete(netns.inode);
      if (netns.sysfs !== undefined) closeSync(netns.sysfs);
      closeSync(netns.fd);
    }
  }
}
